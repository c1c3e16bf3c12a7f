// SPDX-License-Identifier: Apache-2.0
import type { OperationStatus, StepStatus } from '@grit/plugin-api';
import type { Terminal } from '../output/terminal.js';
import { formatBar, formatProgress, formatStepEnd } from './format-step.js';

/** Shows an operation while it runs. */
export interface ProgressView {
  update(status: OperationStatus): void;
  note(text: string): void;
  /** Leaves the terminal as lines of text are expected to find it. */
  end(): void;
}

const SAY_EVERY_MS = 5_000;
const DRAW_EVERY_MS = 200;
const CLEAR_LINE = '\r\u001b[2K';

/** Bars on a terminal, plain lines elsewhere, nothing when programs read the output. */
export function openProgressView(terminal: Terminal, silent: boolean): ProgressView {
  if (silent) return { update: () => undefined, note: () => undefined, end: () => undefined };
  return terminal.interactive ? new BarView(terminal) : new LineView(terminal);
}

/** Which steps have ended and were not told of yet. */
class Told {
  readonly #steps = new Set<string>();

  *news(status: OperationStatus): Iterable<StepStatus> {
    for (const step of status.steps) {
      const key = `${step.name} ${String(step.attempt)}`;
      if (step.finishedAt === undefined || this.#steps.has(key)) continue;
      this.#steps.add(key);
      yield step;
    }
  }
}

class LineView implements ProgressView {
  readonly #told = new Told();
  #saidAt = Date.now();

  constructor(private readonly terminal: Terminal) {}

  update(status: OperationStatus): void {
    for (const step of this.#told.news(status)) this.#say(formatStepEnd(step));
    const running = status.steps.find((step) => step.phase === 'Running' && step.progress !== undefined);
    if (running !== undefined && Date.now() - this.#saidAt >= SAY_EVERY_MS)
      this.#say(formatProgress(running, Date.now()));
  }

  note(text: string): void {
    this.#say(text);
  }

  end(): void {
    // Lines need no repair.
  }

  #say(text: string): void {
    this.#saidAt = Date.now();
    this.terminal.error(`${text}\n`);
  }
}

class BarView implements ProgressView {
  readonly #told = new Told();
  readonly #timer = setInterval(() => this.#draw(), DRAW_EVERY_MS);
  #running: StepStatus | undefined;
  #drawn = false;

  constructor(private readonly terminal: Terminal) {}

  update(status: OperationStatus): void {
    for (const step of this.#told.news(status)) this.note(formatStepEnd(step));
    this.#running = status.steps.filter((step) => step.phase === 'Running').at(-1);
    this.#draw();
  }

  note(text: string): void {
    this.#clear();
    this.terminal.error(`${text}\n`);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#running = undefined;
    this.#clear();
  }

  #draw(): void {
    if (this.#running === undefined) return;
    this.terminal.error(`${CLEAR_LINE}${formatBar(this.#running, Date.now(), this.terminal.columns - 1)}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.terminal.error(CLEAR_LINE);
    this.#drawn = false;
  }
}
