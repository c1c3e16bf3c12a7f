// SPDX-License-Identifier: Apache-2.0
import { createCipheriv } from 'node:crypto';

/** Changes all random tests; a failure names it. */
export const SEED = Number(process.env.GRIT_SEED ?? 20_261);

/** Random numbers and bytes that are the same for the same seed. */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** Bytes that do not compress. */
  bytes(length: number): Buffer {
    const key = Buffer.alloc(32);
    key.writeUInt32LE(this.below(2 ** 32));
    key.writeUInt32LE(this.below(2 ** 32), 4);
    return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
  }

  /** Pages: random, all zero, of one letter, or one of a few that come again. */
  pages(count: number): Buffer {
    return Buffer.concat(
      Array.from({ length: count }, () => {
        const kind = this.below(8);
        if (kind < 4) return this.bytes(4096);
        if (kind < 6) return Buffer.alloc(4096);
        return kind === 6 ? Buffer.alloc(4096, 65 + this.below(4)) : new Seeded(this.below(3)).bytes(4096);
      }),
    );
  }
}
