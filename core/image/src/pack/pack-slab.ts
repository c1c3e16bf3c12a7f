// SPDX-License-Identifier: Apache-2.0
import { CHUNK_BYTES } from '../format/chunk-row.js';
import type { ChunkPacker } from './chunk-packer.js';
import type { RowList } from './row-list.js';

const joined = Buffer.alloc(CHUNK_BYTES);

/**
 * Packs the pages of a slab. Pages are cut where their address is a multiple of CHUNK_BYTES and where the next page has another address
 * than the next one; pages of a chunk that do not lie one after the other in the slab are brought together.
 * @param segments - see SlabPages
 * @returns how many rows each stream got
 */
export function packSlab(packer: ChunkPacker, slab: Uint8Array, segments: Float64Array, rows: RowList): number[] {
  const counts: number[] = [];
  for (let at = 0; at < segments.length;) {
    const end = at + 1 + (segments[at] ?? 0) * 3;
    const before = rows.count;
    rows.beginPart();
    packStream(packer, slab, segments, at + 1, end, rows);
    counts.push(rows.count - before);
    at = end;
  }
  return counts;
}

function packStream(
  packer: ChunkPacker,
  slab: Uint8Array,
  segments: Float64Array,
  first: number,
  end: number,
  rows: RowList,
): void {
  // The chunk so far: `bytes` of the slab from `from`, or of `joined` when `from` is negative.
  let from = 0;
  let bytes = 0;
  let next = 0;
  const flush = (): void => {
    if (bytes > 0) packer.pack(from < 0 ? joined.subarray(0, bytes) : slab.subarray(from, from + bytes), rows);
    bytes = 0;
  };
  for (let at = first; at < end; at += 3) {
    let address = segments[at] ?? 0;
    let offset = segments[at + 1] ?? 0;
    let left = segments[at + 2] ?? 0;
    if (address !== next) flush();
    while (left > 0) {
      const room = CHUNK_BYTES - (address % CHUNK_BYTES);
      const taken = Math.min(left, room);
      if (bytes === 0) from = offset;
      else if (from < 0 || from + bytes !== offset) {
        if (from >= 0) joined.set(slab.subarray(from, from + bytes));
        joined.set(slab.subarray(offset, offset + taken), bytes);
        from = -1;
      }
      bytes += taken;
      address += taken;
      offset += taken;
      left -= taken;
      if (taken === room) flush();
    }
    next = address;
  }
  flush();
}
