// SPDX-License-Identifier: Apache-2.0

/** Seed of all that is random in these tests; GRIT_SEED chooses another. */
export const SEED = Number(process.env.GRIT_SEED ?? 20_261_128);

/** Numbers that look random; the same ones for the same seed. */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, but not with, `limit`, which is at most 2^32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** One of the list. */
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
