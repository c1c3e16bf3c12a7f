// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';

/** Bytes of data that a row of that length with that mask of zero pages has. */
export function dataBytes(length: number, zeros: number): number {
  let bytes = length;
  for (let page = 0, at = 0; at < length; page++, at += PAGE_BYTES) {
    if ((zeros >>> page) & 1) bytes -= Math.min(PAGE_BYTES, length - at);
  }
  return bytes;
}
