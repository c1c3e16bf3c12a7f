// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { PAGE_BYTES } from '@grit/plugin-api';
import { hashOf } from '../chunk/chunk-hash.js';
import { packData, zeroMask } from '../chunk/zero-pages.js';
import { CHUNK_BYTES, NO_PACK, ROW_BYTES, readRow, type ChunkRow } from '../format/chunk-row.js';
import { dataBytes } from '../format/data-bytes.js';
import type { HashName } from '../format/image-manifest.js';
import { localWriteError } from './joined-writes.js';
import { KEPT, type KeptReply, type KeptRequest } from './read-request.js';

const PAGES = Buffer.alloc(CHUNK_BYTES);
const DATA = Buffer.alloc(CHUNK_BYTES);
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/**
 * Looks what a file that was begun earlier has already. Nothing is believed, so it does not matter how it was ended: what has the
 * right hash is right. Holes are made right here: their pages that are not zero are overwritten.
 */
export function keptRows({ hash, stop, path, offset, rows }: KeptRequest): KeptReply {
  const table = Buffer.from(rows.buffer, rows.byteOffset, rows.length);
  const stopped = new Int32Array(stop);
  const kept = new Uint8Array(table.length / ROW_BYTES);
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      for (let index = 0, at = offset; index < kept.length && Atomics.load(stopped, 0) === 0; index++) {
        const row = readRow(table, index);
        if (row.pack === NO_PACK) {
          clear(fd, at, row.length, stopped);
          kept[index] = KEPT.right;
        } else kept[index] = chunkState(fd, at, row, hash);
        at += row.length;
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw localWriteError(error, path);
  }
  return { rows: kept };
}

function chunkState(fd: number, at: number, row: ChunkRow, hash: HashName): number {
  const pages = pagesOf(fd, at, row.length);
  const zeros = zeroMask(pages);
  if (zeros === allPages(row.length)) return KEPT.nothing;
  // Pages that should be zero must be; a page of zeros among the data is one of the data.
  if ((row.zeros & ~zeros) !== 0) return KEPT.wrong;
  const data = DATA.subarray(0, dataBytes(row.length, row.zeros));
  packData(pages, row.zeros, data);
  return hashOf(hash, data).equals(row.hash) ? KEPT.right : KEPT.wrong;
}

/** Makes every page of a hole zero. */
function clear(fd: number, start: number, length: number, stopped: Int32Array): void {
  const end = start + length;
  for (let at = start; at < end && Atomics.load(stopped, 0) === 0; at += CHUNK_BYTES) {
    const bytes = Math.min(CHUNK_BYTES, end - at);
    if (zeroMask(pagesOf(fd, at, bytes)) === allPages(bytes)) continue;
    for (let done = 0; done < bytes;) done += writeSync(fd, ZEROS, done, bytes - done, at + done);
  }
}

/** What the file has there; what is missing at its end reads as zero. */
function pagesOf(fd: number, at: number, length: number): Buffer {
  let filled = 0;
  while (filled < length) {
    const got = readSync(fd, PAGES, filled, length - filled, at + filled);
    if (got === 0) break;
    filled += got;
  }
  PAGES.fill(0, filled, length);
  return PAGES.subarray(0, length);
}

/** The mask of a piece whose pages are all zero. */
function allPages(length: number): number {
  const pages = Math.ceil(length / PAGE_BYTES);
  return pages === 32 ? 0xffff_ffff : 2 ** pages - 1;
}
