// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { pageFingerprint } from './page-fingerprint.js';

const MIN_PAGES = 4;
const MAX_PAGES = CHUNK_BYTES / PAGE_BYTES;

/** A page ends a chunk when its fingerprint is below this: one page of 16. */
const CUT_BELOW = 2 ** 32 / 16;

/** So many zero pages end the chunk before them. */
const ZERO_RUN = 4;

/**
 * Bytes of the chunk that begins at `start`, cut by what the pages have in them: 16 KiB to CHUNK_BYTES, about 70 KiB on average;
 * 0 when that cannot be told before more is read. Zero pages at the beginning are a chunk without data of their own.
 *
 * The cut depends on the bytes from `start` on and on nothing else. So the caller may read in windows of any size: what is left of
 * one (less than CHUNK_BYTES) is put in front of the next, and `last` says that nothing follows. Pages that were inserted change
 * the chunks around them only; a shift by less than a page changes all (a tar file that grew by 512 bytes in front).
 *
 * The rules are not part of the format: another writer may cut as it likes, and only finds fewer of our chunks again.
 */
export function cutByContent(bytes: Uint8Array, start: number, last: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let zeros = 0;
  let lowest = 2 ** 32;
  let lowestAt = MAX_PAGES;
  for (let page = 0; page < MAX_PAGES; page++) {
    const at = start + page * PAGE_BYTES;
    if (at + PAGE_BYTES > bytes.length) return last ? bytes.length - start : 0;
    const fingerprint = pageFingerprint(bytes, view, at);
    if (fingerprint === 0) {
      zeros++;
      continue;
    }
    // What follows a hole begins a chunk, so that it does not depend on the size of the hole.
    if (zeros === page ? page > 0 : zeros >= ZERO_RUN) return page * PAGE_BYTES;
    zeros = 0;
    if (page + 1 < MIN_PAGES) continue;
    if (fingerprint < CUT_BELOW) return (page + 1) * PAGE_BYTES;
    if (fingerprint < lowest) {
      lowest = fingerprint;
      lowestAt = page + 1;
    }
  }
  // No page was chosen: the one that came nearest. A cut at the largest size would be one by position, and move with an insertion.
  return (zeros >= ZERO_RUN ? MAX_PAGES : lowestAt) * PAGE_BYTES;
}
