// SPDX-License-Identifier: Apache-2.0

/** Times that are looked back on, and as many as are needed to say anything. */
const KEPT = 64;
const ENOUGH = 16;

/** Faster answers are not worth a second request. Milliseconds. */
const SOONEST_MS = 50;

/** How long the last requests of a like size to one target took: says when one of them is slow. */
export class ResponseTimes {
  readonly #times: number[] = [];
  #next = 0;
  #late: number | undefined;

  /** A request ended well after so many milliseconds. */
  add(ms: number): void {
    this.#times[this.#next] = ms;
    this.#next = (this.#next + 1) % KEPT;
    this.#late = undefined;
  }

  /** Of twenty requests, nineteen ended within this time, milliseconds; undefined while too few did. */
  get p95(): number | undefined {
    if (this.#times.length < ENOUGH) return undefined;
    this.#late ??= this.#times.toSorted((a, b) => a - b)[Math.ceil(this.#times.length * 0.95) - 1] ?? SOONEST_MS;
    return Math.max(SOONEST_MS, this.#late);
  }
}
