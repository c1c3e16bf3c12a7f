// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { blake3 } from '@napi-rs/blake-hash';
import type { HashName } from '../format/image-manifest.js';

/** Bytes of a hash. */
export const HASH_BYTES = 32;

/** Hash of one piece. */
export function hashOf(name: HashName, data: Uint8Array): Buffer {
  return name === 'blake3' ? blake3(data) : hash('sha256', data, 'buffer');
}
