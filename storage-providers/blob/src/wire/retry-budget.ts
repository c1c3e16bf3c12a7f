// SPDX-License-Identifier: Apache-2.0

/** Requests that may be tried again without one success between them. */
const FULL = 100;

/** What one success gives back: in the long run at most one of ten requests is a second try. */
const EARNED = 0.1;

/**
 * Keeps many clients that all try again from holding down a service that is just coming back: each second try takes from it, each
 * success gives a little back. One for each target, shared by all requests to it.
 */
export class RetryBudget {
  #left: number;
  readonly #full: number;

  constructor(full = FULL) {
    this.#full = full;
    this.#left = full;
  }

  /** Whether there may be another try now; it is taken. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** A request succeeded. */
  earn(): void {
    this.#left = Math.min(this.#full, this.#left + EARNED);
  }
}
