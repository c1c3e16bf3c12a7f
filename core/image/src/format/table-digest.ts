// SPDX-License-Identifier: Apache-2.0
import { hashOf } from '../chunk/chunk-hash.js';
import { ROW_BYTES } from './chunk-row.js';
import type { HashName } from './image-manifest.js';
import { runningHash } from './running-hash.js';

/** Bytes of a row that say what is in it: hash, length, zeros. The rest says where it is stored. */
const CONTENT_BYTES = 40;
const ROW_WORDS = ROW_BYTES / 4;
const CONTENT_WORDS = CONTENT_BYTES / 4;
const BATCH_ROWS = 16 * 1024;

/** Digest of a whole table. */
export function tableDigest(hash: HashName, table: Uint8Array): string {
  return `${hash}:${hashOf(hash, table).toString('hex')}`;
}

/** Digest of a part: over what is in its rows, and not where that is stored. */
export function partDigest(hash: HashName, table: Uint8Array, first: number, count: number): string {
  const running = runningHash(hash);
  for (let row = first; row < first + count; row += BATCH_ROWS) {
    running.update(rowContents(table, row, Math.min(BATCH_ROWS, first + count - row)));
  }
  return `${hash}:${running.digest('hex')}`;
}

/** Bytes 0 to 40 of so many rows, one after the other. */
export function rowContents(table: Uint8Array, first: number, count: number): Uint8Array {
  const rows = table.subarray(first * ROW_BYTES, (first + count) * ROW_BYTES);
  // Words are copied ten times as fast as 40 bytes at a time; they need an aligned table.
  const aligned = rows.byteOffset % 4 === 0 ? rows : Uint8Array.from(rows);
  const from = new Uint32Array(aligned.buffer, aligned.byteOffset, count * ROW_WORDS);
  const to = new Uint32Array(count * CONTENT_WORDS);
  for (let row = 0, at = 0, target = 0; row < count; row++, at += ROW_WORDS - CONTENT_WORDS) {
    for (let word = 0; word < CONTENT_WORDS; word++) to[target++] = from[at++] ?? 0;
  }
  return new Uint8Array(to.buffer);
}
