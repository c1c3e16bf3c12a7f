// SPDX-License-Identifier: Apache-2.0
import type { Seeded } from '../seeded.js';

/** Changes that know nothing of what the bytes mean: bits, bytes, pieces cut out, doubled, moved, the end cut off. */
export function mutateBytes(bytes: Buffer, random: Seeded): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length === 0) return Buffer.from([random.below(256)]);
  const at = random.below(copy.length);
  const length = 1 + random.below(Math.min(64, copy.length - at));
  switch (random.below(7)) {
    case 0:
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.below(8)), at);
      return copy;
    case 1:
      copy.writeUInt8(random.of([0, 1, 0x7f, 0x80, 0xff, random.below(256)]), at);
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    case 4:
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
    case 5:
      return Buffer.concat([copy, copy.subarray(at, at + length)]);
    default:
      copy.copyWithin(random.below(copy.length), at, at + length);
      return copy;
  }
}

/** A number of 32 bits at a place where limits are, or near the one that was there. */
export function oddNumber(random: Seeded, was: number): number {
  const near = [was, was + 1, was - 1, was * 2, was + 4096, was - 4096, was >>> 1];
  const limits = [
    0,
    1,
    31,
    32,
    4095,
    4096,
    4097,
    131_071,
    131_072,
    131_073,
    2 ** 30,
    2 ** 31,
    2 ** 32 - 4096,
    2 ** 32 - 1,
  ];
  return random.of([...near, ...limits, random.below(2 ** 32)]) >>> 0;
}
