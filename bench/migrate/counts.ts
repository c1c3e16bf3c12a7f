// SPDX-License-Identifier: Apache-2.0
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** One line of the job: its number, and when it was seen, by performance.now(). */
export interface Count {
  readonly count: number;
  readonly at: number;
}

const LOOK_MS = 3;

/** Reads the file that a job counts into, while it does. */
export class Counts {
  readonly all: Count[] = [];
  readonly #ended = new AbortController();
  readonly #reading: Promise<void>;

  constructor(private readonly path: string) {
    this.#reading = this.#read();
  }

  /** Waits for a line that comes after this moment and for which this holds. */
  async next(after: number, holds: (count: Count) => boolean = () => true, withinMs = 180_000): Promise<Count> {
    const end = performance.now() + withinMs;
    while (performance.now() < end) {
      const found = this.all.find((count) => count.at > after && holds(count));
      if (found !== undefined) return found;
      await delay(LOOK_MS);
    }
    throw new Error(
      `no line within ${withinMs} ms; the last ones: ${this.all
        .slice(-3)
        .map(({ count }) => count)
        .join(', ')}`,
    );
  }

  /** The longest pause between two lines after this moment: its length and its end. */
  longestPause(after: number): { readonly ms: number; readonly end: Count | undefined } {
    let longest: { ms: number; end: Count | undefined } = { ms: 0, end: undefined };
    this.all.forEach((end, index) => {
      const before = this.all[index - 1];
      if (before === undefined || end.at <= after || end.at - before.at <= longest.ms) return;
      longest = { ms: end.at - before.at, end };
    });
    return longest;
  }

  /** Numbers that were counted twice, and numbers that nobody counted. */
  get mistakes(): { readonly doubled: number; readonly lost: number } {
    const seen = new Set(this.all.map(({ count }) => count));
    const most = Math.max(0, ...seen);
    return { doubled: this.all.length - seen.size, lost: most - seen.size };
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { signal } = this.#ended;
    const buffer = Buffer.alloc(65_536);
    let file: number | undefined;
    let rest = '';
    do {
      if (file === undefined && existsSync(this.path)) file = openSync(this.path, 'r');
      const bytes = file === undefined ? 0 : readSync(file, buffer);
      const lines = (rest + buffer.toString('latin1', 0, bytes)).split('\n');
      rest = lines.pop() ?? '';
      const at = performance.now();
      for (const line of lines) this.all.push({ count: Number(line), at });
    } while (await delay(LOOK_MS, true, { signal }).catch(() => false));
    if (file !== undefined) closeSync(file);
  }
}
