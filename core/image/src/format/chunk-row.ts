// SPDX-License-Identifier: Apache-2.0

/** Most logical bytes of a chunk that has data; chunks of memory lie in one aligned piece of the address space of this size. */
export const CHUNK_BYTES = 128 * 1024;

/** Bytes of one row. */
export const ROW_BYTES = 56;

/** `pack` of a row without data. */
export const NO_PACK = 0xffff_ffff;

/** Most logical bytes of a row without data: a hole. */
export const MAX_HOLE_BYTES = 1024 * 1024 * 1024;

/**
 * A row says where a piece of a part is. Rows of a part follow each other without gaps; all numbers are little endian:
 * hash 32 | length u32 | zeros u32 | pack u32 | offset u32 | stored u32 | codec u8 | check u24.
 */
export interface ChunkRow {
  /** Hash of the data: of the pages that are not all zero, one after the other. All zero for a hole. */
  readonly hash: Uint8Array;
  /** Logical bytes: whole pages, except at the end of a part. */
  readonly length: number;
  /** Bit i is set when page i is all zero and has no data; 0 for a hole. */
  readonly zeros: number;
  /** Number of the pack in the manifest's list; {@link NO_PACK} for a hole: all of `length` is zero. */
  readonly pack: number;
  /** Where in the pack the stored bytes begin, and how many they are. */
  readonly offset: number;
  readonly stored: number;
  /** See codec-ids. */
  readonly codec: number;
  /** See storedCheck; 0 for a hole. */
  readonly check: number;
}

/** Reads row `index` of a table. The hash is a view. */
export function readRow(table: Buffer, index: number): ChunkRow {
  const at = index * ROW_BYTES;
  return {
    hash: table.subarray(at, at + 32),
    length: table.readUInt32LE(at + 32),
    zeros: table.readUInt32LE(at + 36),
    pack: table.readUInt32LE(at + 40),
    offset: table.readUInt32LE(at + 44),
    stored: table.readUInt32LE(at + 48),
    codec: table.readUInt8(at + 52),
    check: table.readUIntLE(at + 53, 3),
  };
}

/** Writes row `index` of a table. */
export function writeRow(table: Buffer, index: number, row: ChunkRow): void {
  const at = index * ROW_BYTES;
  table.set(row.hash, at);
  table.writeUInt32LE(row.length, at + 32);
  table.writeUInt32LE(row.zeros >>> 0, at + 36);
  table.writeUInt32LE(row.pack, at + 40);
  table.writeUInt32LE(row.offset, at + 44);
  table.writeUInt32LE(row.stored, at + 48);
  table.writeUInt8(row.codec, at + 52);
  table.writeUIntLE(row.check, at + 53, 3);
}
