// SPDX-License-Identifier: Apache-2.0
import type { Progress } from '@grit/plugin-api';
import { formatShareBar } from './bar.js';
import { formatAmount } from './format-amount.js';
import type { Terminal } from './terminal.js';

const SAY_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[2K';

/** Shows how far a call of this process is: a bar on a terminal, a line now and then elsewhere, nothing for programs. */
export class ByteProgress {
  #phase: string | undefined;
  #phaseAt = 0;
  #saidAt: number;
  #drawn = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly silent: boolean,
    private readonly now: () => number = Date.now,
  ) {
    this.#saidAt = now();
  }

  readonly update = (progress: Progress): void => {
    if (this.silent) return;
    const now = this.now();
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#phaseAt = now;
    }
    const { doneBytes, totalBytes } = progress;
    const amount = formatAmount(progress, now - this.#phaseAt);
    if (this.terminal.interactive) {
      const bar = totalBytes === undefined ? [] : [formatShareBar(doneBytes, totalBytes)];
      const line = [progress.phase, ...bar, amount].join('  ').slice(0, this.terminal.columns - 1);
      this.terminal.error(`${CLEAR_LINE}${line}`);
      this.#drawn = true;
    } else if (now - this.#saidAt >= SAY_EVERY_MS) {
      this.#saidAt = now;
      this.terminal.error(`${progress.phase}: ${amount}\n`);
    }
  };

  /** Leaves the terminal as lines of text are expected to find it. */
  end(): void {
    if (this.#drawn) this.terminal.error(CLEAR_LINE);
    this.#drawn = false;
  }
}
