// SPDX-License-Identifier: Apache-2.0

/** The date of an answer has whole seconds. */
const SECOND_MS = 1_000;

/**
 * The time of the API server, by the `Date` of its answers and the monotonic time of this process. What one controller writes into a status the
 * next one counts from, and their own clocks may be hours apart: by the server's clock both mean the same moment. Never ahead of the server, and behind it by a
 * second and the way of the quickest answer at most.
 */
export class ServerClock {
  /** From monotonic time to that of the server, ms; undefined up to the first answer. */
  #offset: number | undefined;

  constructor(
    private readonly monotonic: () => number = () => performance.now(),
    private readonly own: () => number = () => Date.now(),
  ) {}

  /** Takes the `Date` of an answer to what was sent at `sentAt`, ms of monotonic time. */
  heard(date: unknown, sentAt: number): void {
    const said = typeof date === 'string' ? Date.parse(date) : NaN;
    if (Number.isNaN(said)) return;
    // At some moment between the two it was as late as that, and no second later.
    const least = said - this.monotonic();
    const most = said + SECOND_MS - sentAt;
    // The best of what was heard, unless the server's clock was put back.
    if (this.#offset === undefined || least > this.#offset || most < this.#offset) this.#offset = least;
  }

  /** The own clock up to the first answer. */
  now(): Date {
    return new Date(this.#offset === undefined ? this.own() : this.#offset + this.monotonic());
  }
}
