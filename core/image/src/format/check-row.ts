// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';
import { CHUNK_BYTES, MAX_HOLE_BYTES, NO_PACK, ROW_BYTES } from './chunk-row.js';
import { wrongStored } from './pack-index.js';

/**
 * What is wrong with row `index` of a table: it says nothing about where the rows around it are. undefined when it can be used: all
 * that it names is inside of a pack and of the limits.
 * @param packs - size in bytes of each pack of the manifest
 */
export function wrongRow(
  table: Buffer,
  index: number,
  packs: readonly number[],
  encrypted = false,
): string | undefined {
  const at = index * ROW_BYTES;
  const length = table.readUInt32LE(at + 32);
  const zeros = table.readUInt32LE(at + 36);
  const pack = table.readUInt32LE(at + 40);
  const offset = table.readUInt32LE(at + 44);
  const stored = table.readUInt32LE(at + 48);
  // The codec, and the check of what is stored.
  const word = table.readUInt32LE(at + 52);
  if (length === 0) return 'has no bytes';
  if (pack === NO_PACK) {
    if (length > MAX_HOLE_BYTES) return `has ${length} bytes, more than any hole`;
    // It has no data, so nothing may be said of data.
    return (zeros | offset | stored | word) === 0 && hasNoHash(table, at) ? undefined : 'is a hole that has data';
  }
  if (length > CHUNK_BYTES) return `has ${length} bytes, more than any chunk`;
  const pages = Math.ceil(length / PAGE_BYTES);
  if (pages < 32 && zeros >>> pages !== 0) return `has pages of zeros after its ${pages} pages`;
  const data = dataOf(length, pages, zeros);
  if (data === 0) return 'has no data and is no hole';
  const size = packs[pack];
  if (size === undefined) return `is in pack ${pack} of ${packs.length}`;
  if (offset + stored > size) return `ends at ${offset + stored} of a pack of ${size} bytes`;
  return wrongStored(word, stored, data, encrypted);
}

/** What dataBytes says, without a loop over the pages: this runs for every row of a table. */
function dataOf(length: number, pages: number, zeros: number): number {
  if (zeros === 0) return length;
  const lastIsZero = (zeros >>> (pages - 1)) & 1;
  const last = length - (pages - 1) * PAGE_BYTES;
  return length - (ones(zeros) - lastIsZero) * PAGE_BYTES - lastIsZero * last;
}

function ones(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x5555_5555);
  count = (count & 0x3333_3333) + ((count >>> 2) & 0x3333_3333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

function hasNoHash(table: Buffer, at: number): boolean {
  for (let word = at; word < at + 32; word += 4) if (table.readUInt32LE(word) !== 0) return false;
  return true;
}
