// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';

const ZERO_PAGE = Buffer.alloc(PAGE_BYTES);

/** Bit i is set when page i is all zero. At most 32 pages; the last one may be shorter. */
export function zeroMask(pages: Uint8Array): number {
  let mask = 0;
  for (let page = 0, at = 0; at < pages.length; page++, at += PAGE_BYTES) {
    if (isZero(pages, at, Math.min(at + PAGE_BYTES, pages.length))) mask |= 1 << page;
  }
  return mask >>> 0;
}

/** Whether these bytes are all zero; `end` is at most a page after `start`. */
export function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  // Three looks spare most pages the call.
  if (bytes[start] !== 0 || bytes[end - 1] !== 0 || bytes[(start + end) >>> 1] !== 0) return false;
  return ZERO_PAGE.compare(bytes, start, end, 0, end - start) === 0;
}

/** Copies the pages that the mask does not call zero into `target`, one after the other. Returns how many bytes that are. */
export function packData(pages: Uint8Array, zeros: number, target: Uint8Array): number {
  let bytes = 0;
  let start = -1;
  for (let page = 0, at = 0; ; page++, at += PAGE_BYTES) {
    const ended = at >= pages.length;
    const data = !ended && ((zeros >>> page) & 1) === 0;
    if (data && start < 0) start = at;
    // Runs of pages are copied at once.
    if (!data && start >= 0) {
      const run = pages.subarray(start, at);
      target.set(run, bytes);
      bytes += run.length;
      start = -1;
    }
    if (ended) return bytes;
  }
}
