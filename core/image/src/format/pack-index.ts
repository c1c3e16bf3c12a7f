// SPDX-License-Identifier: Apache-2.0
import { CODEC } from '../codec/codec-ids.js';
import { TAG_BYTES } from '../crypto/chunk-cipher.js';
import { CHUNK_BYTES } from './chunk-row.js';

/** Bytes of one entry of a pack's index. */
export const ENTRY_BYTES = 48;

/**
 * An entry says where a chunk is in its pack. Entries are in the order of the chunks, which lie one after the other from offset 0:
 * hash 32 | offset u32 | stored u32 | data u32 | codec u8 | check u24, little endian.
 */
export interface PackEntry {
  readonly hash: Uint8Array;
  /** Where the stored bytes begin, and how many they are. */
  readonly offset: number;
  readonly stored: number;
  /** Bytes of the data that they decode to. */
  readonly data: number;
  /** See codec-ids. */
  readonly codec: number;
  /** See storedCheck. */
  readonly check: number;
}

/** Reads entry `index`. The hash is a view. */
export function readEntry(entries: Buffer, index: number): PackEntry {
  const at = index * ENTRY_BYTES;
  return {
    hash: entries.subarray(at, at + 32),
    offset: entries.readUInt32LE(at + 32),
    stored: entries.readUInt32LE(at + 36),
    data: entries.readUInt32LE(at + 40),
    codec: entries.readUInt8(at + 44),
    check: entries.readUIntLE(at + 45, 3),
  };
}

/** Writes entry `index`. */
export function writeEntry(entries: Buffer, index: number, entry: PackEntry): void {
  const at = index * ENTRY_BYTES;
  entries.set(entry.hash, at);
  entries.writeUInt32LE(entry.offset, at + 32);
  entries.writeUInt32LE(entry.stored, at + 36);
  entries.writeUInt32LE(entry.data, at + 40);
  entries.writeUInt8(entry.codec, at + 44);
  entries.writeUIntLE(entry.check, at + 45, 3);
}

/** Number of the first entry that cannot be, and why; undefined when all are good. `end` is where the last chunk ends, in bytes. */
export function checkEntries(
  entries: Buffer,
  encrypted: boolean,
): {
  readonly end: number;
  readonly wrong?: { index: number; why: string };
} {
  let end = 0;
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    const why = wrongWith(entries, at, end, encrypted);
    if (why !== undefined) return { end, wrong: { index: at / ENTRY_BYTES, why } };
    end += entries.readUInt32LE(at + 36);
  }
  return { end };
}

function wrongWith(entries: Buffer, at: number, end: number, encrypted: boolean): string | undefined {
  const stored = entries.readUInt32LE(at + 36);
  const data = entries.readUInt32LE(at + 40);
  const word = entries.readUInt32LE(at + 44);
  if (entries.readUInt32LE(at + 32) !== end) return 'does not begin where the one before it ends';
  if (data === 0 || data > CHUNK_BYTES) return `has ${data} bytes of data`;
  return wrongStored(word, stored, data, encrypted);
}

/**
 * What is wrong with the stored form of so many bytes of data.
 * @param word - codec u8 | check u24
 */
export function wrongStored(word: number, stored: number, data: number, encrypted: boolean): string | undefined {
  const codec = word & 0xff;
  const encoded = encrypted ? stored - TAG_BYTES : stored;
  if (codec > CODEC.planes) return `has the unknown codec ${codec}`;
  if (encoded <= 0 || encoded > data) return `has ${stored} stored bytes for ${data} of data`;
  if (codec === CODEC.raw && encoded !== data) return `has ${stored} raw bytes for ${data} of data`;
  if (codec === CODEC.raw && word !== 0) return 'is raw and has a check';
  if (encrypted && word !== codec) return 'is encrypted and has a check';
  return undefined;
}
