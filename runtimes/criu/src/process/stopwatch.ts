// SPDX-License-Identifier: Apache-2.0
import type { Timing } from '@grit/plugin-api';

/** Cuts a call into phases that follow each other without a gap. A phase that comes again is added to. */
export class Stopwatch {
  readonly #phases = new Map<string, number>();
  #last = performance.now();

  get timings(): readonly Timing[] {
    return [...this.#phases].map(([phase, ms]) => ({ phase, ms: Math.round(ms * 1_000) / 1_000 }));
  }

  /** Ends the phase that began with the last lap. */
  lap(phase: string): void {
    this.split([], phase);
  }

  /** The same for one that has been measured in parts by somebody else. @param rest - name of what is left of it */
  split(parts: readonly Timing[], rest: string): void {
    const now = performance.now();
    let left = now - this.#last;
    for (const { phase, ms } of parts) {
      const part = Math.min(ms, left);
      this.#add(phase, part);
      left -= part;
    }
    this.#add(rest, left);
    this.#last = now;
  }

  #add(phase: string, ms: number): void {
    this.#phases.set(phase, (this.#phases.get(phase) ?? 0) + ms);
  }
}
