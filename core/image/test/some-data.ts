// SPDX-License-Identifier: Apache-2.0
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';

/** Seed of everything random in these tests. */
const SEED = Number(process.env['GRIT_SEED'] ?? 20261128);

/** Parameters of a property: the fixed seed, and how many runs. */
export function runs(count: number): { seed: number; numRuns: number } {
  return { seed: SEED, numRuns: count * Number(process.env['GRIT_PROPERTY_RUNS'] ?? 1) };
}

/** Numbers from 0 to 2^32 - 1 that look random and are the same each time. */
function randomWords(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  };
}

type Draw = () => number;
const gauss = (draw: Draw) => (draw() + draw() + draw() + draw() - 2 ** 33) / 2 ** 37;

/** Writes 8 bytes of each kind of content that an image has. */
const WRITERS = {
  zero: () => 0,
  constant: (bytes: Buffer, at: number) => bytes.writeBigUInt64LE(0x1717_1717_1717_1717n, at),
  fp32: (bytes: Buffer, at: number, draw: Draw) => bytes.writeFloatLE(gauss(draw), bytes.writeFloatLE(gauss(draw), at)),
  bf16: (bytes: Buffer, at: number, draw: Draw) => {
    // The upper half of an fp32.
    for (let half = 6; half >= 0; half -= 2) {
      const upper = Buffer.alloc(4);
      upper.writeFloatLE(gauss(draw));
      upper.copy(bytes, at + half, 2);
    }
  },
  text: (bytes: Buffer, at: number, draw: Draw) => bytes.write(`${(draw() % 89).toString(36)} item`.padEnd(8), at),
  pointers: (bytes: Buffer, at: number, draw: Draw) =>
    bytes.writeBigUInt64LE(0x7f3a_0000_0000n + BigInt(draw() % 4096) * 16n, at),
  sparse: (bytes: Buffer, at: number, draw: Draw) => (draw() % 64 === 0 ? bytes.writeUInt32LE(draw(), at) : 0),
} satisfies Record<string, (bytes: Buffer, at: number, draw: Draw) => unknown>;

export type Kind = 'random' | keyof typeof WRITERS;
export const KINDS: readonly Kind[] = ['random', ...(Object.keys(WRITERS) as (keyof typeof WRITERS)[])];

/** Bytes of one kind. */
export function bytesOf(kind: Kind, length: number, seed: number): Buffer {
  if (kind === 'random') return randomBytes(length, seed);
  const draw = randomWords(seed);
  const padded = Buffer.alloc(length + 7);
  for (let at = 0; at < length; at += 8) WRITERS[kind](padded, at, draw);
  return padded.subarray(0, length);
}

/** Bytes that do not compress: many of them, quickly. */
export function randomBytes(length: number, seed: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed >>> 0);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** Pieces of all kinds, one after the other, of a given length together. */
export function mixedBytes(length: fc.Arbitrary<number>): fc.Arbitrary<Buffer> {
  const pieces = fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(2 ** 31), fc.integer({ min: 1, max: 9 })), {
    minLength: 1,
    maxLength: 5,
  });
  return fc.tuple(length, pieces).map(([total, parts]) => {
    const weight = parts.reduce((sum, [, , share]) => sum + share, 0);
    const all = parts.map(([kind, seed, share]) => bytesOf(kind, Math.ceil((total * share) / weight), seed));
    return Buffer.concat(all, total);
  });
}
