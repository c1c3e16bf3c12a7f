// SPDX-License-Identifier: Apache-2.0

/** What keeps many calls that all try again from holding down a service that is just coming back. */
export interface RetryLimits {
  /** Further tries that may be made at once, without one success between them. */
  readonly atOnce: number;
  /** What one success gives back: in the long run at most one of ten requests is a further try. */
  readonly perSuccess: number;
  /** And what a second gives back, so that nobody has to give up while it pays to wait. */
  readonly perSecond: number;
}

const USUAL: RetryLimits = { atOnce: 100, perSuccess: 0.1, perSecond: 2 };

/**
 * The further tries of all calls of a store: in a storm there are so many at first and then so many a second, however many calls there
 * are. Who gets none now gets one later, each a little later than the one before.
 */
export class RetryBudget {
  readonly #limits: RetryLimits;
  readonly #now: () => number;
  /** Less than 0: those that are waited for. */
  #left: number;
  #at: number;

  constructor(limits: Partial<RetryLimits> = {}, now: () => number = () => performance.now()) {
    this.#limits = { ...USUAL, ...limits };
    this.#now = now;
    this.#left = this.#limits.atOnce;
    this.#at = now();
  }

  /** Takes one further try. Returns in how many milliseconds it may begin. */
  spend(): number {
    this.#refill();
    this.#left -= 1;
    return this.#left >= 0 ? 0 : (-this.#left * 1000) / this.#limits.perSecond;
  }

  /** The try that was taken is not made. */
  giveBack(): void {
    this.#add(1);
  }

  /** A call succeeded. */
  earn(): void {
    this.#add(this.#limits.perSuccess);
  }

  #refill(): void {
    const now = this.#now();
    this.#add(((now - this.#at) * this.#limits.perSecond) / 1000);
    this.#at = now;
  }

  #add(tries: number): void {
    this.#left = Math.min(this.#limits.atOnce, this.#left + tries);
  }
}
