// SPDX-License-Identifier: Apache-2.0
import type { Timing } from '@grit/plugin-api';

/** Measures phases that follow each other. */
export class Stopwatch {
  readonly timings: Timing[] = [];
  #last = performance.now();

  /** Ends a phase; the next one begins. Phases that the work has measured itself take their part of it. */
  lap(phase: string, inner: readonly Timing[] = []): void {
    const now = performance.now();
    const innerMs = inner.reduce((sum, timing) => sum + timing.ms, 0);
    this.timings.push(...inner, { phase, ms: Math.max(0, now - this.#last - innerMs) });
    this.#last = now;
  }
}
