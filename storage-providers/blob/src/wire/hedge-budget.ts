// SPDX-License-Identifier: Apache-2.0

/** Second reads that were earned, but not done: not more than these are kept for later. */
const KEPT = 2;

/** What one read that was done once gives: in the long run at most one of nine is done twice. */
const EARNED = 1 / 8;

/** Second reads cost the service a request and us memory: they are few, also when everything becomes slow. */
export class HedgeBudget {
  readonly #atOnce: number;
  #left: number;
  #running = 0;

  /** `left`: of those that were earned already; `atOnce`: at most so many have memory at a time. */
  constructor({ left = 0, atOnce = 1 }: { readonly left?: number; readonly atOnce?: number } = {}) {
    this.#left = left;
    this.#atOnce = atOnce;
  }

  /** Whether there may be a second read now; it is taken, and must be told of when it has ended. */
  spend(): boolean {
    if (this.#left < 1 || this.#running >= this.#atOnce) return false;
    this.#left -= 1;
    this.#running += 1;
    return true;
  }

  /** A second read has ended, and its memory is free. */
  ended(): void {
    this.#running -= 1;
  }

  /** A read ended well that was done once. */
  earn(): void {
    this.#left = Math.min(KEPT, this.#left + EARNED);
  }
}
