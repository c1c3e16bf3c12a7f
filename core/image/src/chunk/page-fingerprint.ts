// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';
import { isZero } from './zero-pages.js';

const WORDS = PAGE_BYTES / 4;
const FACTOR = 0x9e3779b1;

/** A number of 32 bits that depends on what is in the page at `at`: 0 for a page that is all zero, and for no other. */
export function pageFingerprint(bytes: Uint8Array, at: number): number {
  if (isZero(bytes, at, at + PAGE_BYTES)) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, PAGE_BYTES);
  let hash = 0x2545f491;
  for (let word = 0; word < WORDS; word++) {
    hash = Math.imul(hash ^ view.getUint32(word * 4, true), FACTOR);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = (hash ^ (hash >>> 13)) >>> 0;
  return hash === 0 ? 1 : hash;
}
