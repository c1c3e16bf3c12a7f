// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';
import { isZero } from './zero-pages.js';

const LINE_BYTES = 64;

/**
 * A number of 32 bits that depends on what is in the page at `at`, the same on all machines: 0 for a page that is all zero, and for
 * no other. `view` is over the whole of `bytes`.
 */
export function pageFingerprint(bytes: Uint8Array, view: DataView, at: number): number {
  // A word of each 64 bytes will do for the most part, each time another one of the 16. Two lanes, so that one need not wait.
  const first = view.getInt32(at, true);
  let differ = 0;
  let even = 0x2545f491;
  let odd = 0x1b873593;
  for (let line = 0; line < PAGE_BYTES; line += 2 * LINE_BYTES) {
    const place = at + line + ((line >>> 5) & 60);
    const one = view.getInt32(place, true);
    const two = view.getInt32(place + LINE_BYTES, true);
    differ |= (one ^ first) | (two ^ first);
    even = mix(even, one);
    odd = mix(odd, two);
  }
  if (differ === 0) {
    // Pages that hardly differ would all be cut, or none.
    if (first === 0 && isZero(bytes, at, at + PAGE_BYTES)) return 0;
    for (let place = at; place < at + PAGE_BYTES; place += 8) {
      even = mix(even, view.getInt32(place, true));
      odd = mix(odd, view.getInt32(place + 4, true));
    }
  }
  const last = mix(mix(even, odd), 0);
  return last >>> 0 || 1;
}

function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}
