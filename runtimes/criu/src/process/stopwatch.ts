// SPDX-License-Identifier: Apache-2.0
import type { Timing } from '@grit/plugin-api';

/** Cuts a call into phases that follow each other without a gap. */
export class Stopwatch {
  readonly timings: Timing[] = [];
  #last = performance.now();

  /** Ends the phase that began with the last lap. */
  lap(phase: string): void {
    const now = performance.now();
    this.timings.push({ phase, ms: Math.round((now - this.#last) * 1_000) / 1_000 });
    this.#last = now;
  }
}
