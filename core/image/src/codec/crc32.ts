// SPDX-License-Identifier: Apache-2.0
import { crc32 as plainCrc32 } from 'node:zlib';
import { nativeCrc32 } from './native-work.js';

/** CRC-32, that of zip, of `data`, or of all that `before` is the CRC-32 of and `data`. By the addon where it is there. */
export function crc32(data: Uint8Array, before = 0): number {
  return (nativeCrc32 ?? plainCrc32)(data, before);
}
