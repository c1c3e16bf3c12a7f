// SPDX-License-Identifier: Apache-2.0
import { CODEC } from './codec-ids.js';
import { crc32 } from './crc32.js';

/**
 * The check of stored bytes: the low 24 bits of their CRC-32; 0 for raw ones, whose hash says it all. The hash of a chunk is over its
 * data, and a compressed form has bits that mean nothing: when such a bit flips the data are still right, but the disk is not. Each
 * other value of any one byte of CHUNK_BYTES gives another check; anything else that goes wrong is found by chance at least, or by
 * the hash.
 */
export function storedCheck(codec: number, stored: Uint8Array): number {
  return codec === CODEC.raw ? 0 : crc32(stored) & 0xff_ffff;
}
