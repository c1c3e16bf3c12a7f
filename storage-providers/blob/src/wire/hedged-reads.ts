// SPDX-License-Identifier: Apache-2.0
import { HedgeBudget } from './hedge-budget.js';
import { hedged } from './hedged.js';
import { ResponseTimes } from './response-times.js';

/** Reads of more bytes are done once: the memory of a second one would be too much, and its bytes too. */
const LARGEST = 4 * 1024 * 1024;

/** The reads of a store. One of them that takes much longer than those of its size before is done a second time beside itself. */
export class HedgedReads {
  /** By the power of two that the size has. */
  readonly #times = new Map<number, ResponseTimes>();
  readonly #budget: HedgeBudget;

  /** One second read at a time for each eight reads that are. */
  constructor(parallelReads: number) {
    this.#budget = new HedgeBudget({ atOnce: Math.max(1, Math.floor(parallelReads / 8)) });
  }

  /** Reads into the memory; what `read` has to keep to is said at {@link hedged}. Errors: those of the read; the signal's reason. */
  async read<T>(
    into: Uint8Array,
    signal: AbortSignal,
    read: (target: Uint8Array, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (into.length > LARGEST) return read(into, signal);
    return hedged(read, { into, times: this.#timesOf(into.length), budget: this.#budget, signal });
  }

  #timesOf(size: number): ResponseTimes {
    const power = Math.ceil(Math.log2(Math.max(1, size)));
    const known = this.#times.get(power) ?? new ResponseTimes();
    this.#times.set(power, known);
    return known;
  }
}
