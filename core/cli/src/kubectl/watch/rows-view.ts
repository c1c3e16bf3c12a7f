// SPDX-License-Identifier: Apache-2.0
import { formatTable } from '../../output/table.js';
import type { Terminal } from '../../output/terminal.js';
import { formatEnd, formatNews, liveColumns } from './format-row.js';
import { podOf, type Row } from './row.js';

/** Shows many pods on their way. */
export interface RowsView {
  update(rows: readonly Row[]): void;
  note(text: string): void;
  /** Leaves the terminal as lines of text are expected to find it. */
  end(): void;
}

const SAY_EVERY_MS = 5_000;
const DRAW_EVERY_MS = 200;
/** Of these the bytes are told one by one; of more only the sum. */
const MOST_TOLD = 4;
const DEFAULT_ROWS = 24;
const QUIET = new Set(['Queued', 'Ordered', 'Created', 'Pending']);

/** Redrawn lines on a terminal, plain lines elsewhere, nothing when programs read the output. */
export function openRowsView(terminal: Terminal, silent: boolean): RowsView {
  if (silent) return { update: () => undefined, note: () => undefined, end: () => undefined };
  return terminal.interactive ? new TableView(terminal) : new LinesView(terminal);
}

/** Which pods have ended and were not told of yet. */
class Told {
  readonly #ended = new Set<string>();

  *news(rows: readonly Row[]): Iterable<Row> {
    for (const row of rows) {
      const key = `${podOf(row)} ${row.object}`;
      if (row.outcome === undefined || this.#ended.has(key)) continue;
      this.#ended.add(key);
      yield row;
    }
  }
}

class LinesView implements RowsView {
  readonly #told = new Told();
  readonly #said = new Map<string, string>();
  #saidAt = 0;

  constructor(private readonly terminal: Terminal) {}

  update(rows: readonly Row[]): void {
    const now = Date.now();
    for (const row of rows.filter(isTold)) {
      const key = `${podOf(row)} ${row.object}`;
      const state = `${row.phase} ${row.progress === undefined ? row.note : ''}`;
      if (this.#said.get(key) === state) continue;
      this.#said.set(key, state);
      this.note(formatNews(row));
    }
    for (const row of this.#told.news(rows)) this.note(formatEnd(row, now));
    if (now - this.#saidAt >= SAY_EVERY_MS) this.#sayBytes(rows);
  }

  note(text: string): void {
    this.#saidAt = Date.now();
    this.terminal.error(`${text}\n`);
  }

  end(): void {
    // Lines need no repair.
  }

  #sayBytes(rows: readonly Row[]): void {
    const moving = rows.filter(({ outcome, progress }) => outcome === undefined && progress !== undefined);
    if (moving.length > 0 && moving.length <= MOST_TOLD) moving.forEach((row) => this.note(formatNews(row)));
    else if (moving.length > 0) this.note(sumUp(rows));
  }
}

class TableView implements RowsView {
  readonly #told = new Told();
  readonly #timer = setInterval(() => this.#draw(), DRAW_EVERY_MS);
  #rows: readonly Row[] = [];
  #drawn = 0;

  constructor(private readonly terminal: Terminal) {}

  update(rows: readonly Row[]): void {
    const now = Date.now();
    const ended = [...this.#told.news(rows)];
    if (ended.length > 0) this.#clear();
    for (const row of ended) this.terminal.error(`${formatEnd(row, now)}\n`);
    this.#rows = rows.filter(({ outcome }) => outcome === undefined);
    this.#draw();
  }

  note(text: string): void {
    this.#clear();
    this.terminal.error(`${text}\n`);
    this.#draw();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
    this.#rows = [];
  }

  #draw(): void {
    const room = Math.max(3, (process.stderr.rows || DEFAULT_ROWS) - 4);
    const shown = [...this.#rows].sort((a, b) => Number(b.progress !== undefined) - Number(a.progress !== undefined));
    const lines =
      shown.length === 0
        ? []
        : formatTable(shown.slice(0, room), liveColumns(Date.now()), this.terminal.columns - 1)
            .trimEnd()
            .split('\n');
    if (shown.length > room) lines.push(`… and ${shown.length - room} more`);
    // One write: a terminal that is slow shows no half of it.
    this.terminal.error(
      `${up(this.#drawn)}${lines.map((line) => `${line.slice(0, this.terminal.columns - 1)}\n`).join('')}`,
    );
    this.#drawn = lines.length;
  }

  #clear(): void {
    if (this.#drawn > 0) this.terminal.error(up(this.#drawn));
    this.#drawn = 0;
  }
}

/** To the first of so many lines, with nothing below. */
function up(lines: number): string {
  return lines === 0 ? '' : `\u001b[${lines}A\r\u001b[J`;
}

/** That something was ordered and has not begun is no news, as long as nothing stands in its way. */
function isTold({ outcome, phase, note }: Row): boolean {
  return outcome === undefined && (note !== '' || !QUIET.has(phase));
}

function sumUp(rows: readonly Row[]): string {
  const ended = rows.filter(({ outcome }) => outcome !== undefined).length;
  const rate = rows.reduce(
    (sum, row) => sum + (row.outcome === undefined ? (row.progress?.bytesPerSecond ?? 0) : 0),
    0,
  );
  const speed = rate === 0 ? '' : `, ${(rate / 2 ** 20).toFixed(1)} MiB/s together`;
  return `${ended} of ${rows.length} pods are done${speed}`;
}
