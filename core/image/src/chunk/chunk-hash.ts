// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as BlakeHash from '@napi-rs/blake-hash';
import { GritError } from '@grit/plugin-api';
import type { HashName } from '../format/image-manifest.js';

/** Bytes of a hash. */
export const HASH_BYTES = 32;

const blake3 = loadBlake3();

/** The hash that new images are written with: blake3, or sha256 on a machine that has no blake3. */
export const WRITE_HASH: HashName = blake3 === undefined ? 'sha256' : 'blake3';

/** Hash of one piece. Throws GRIT_UNSUPPORTED for blake3 where it is not there. */
export function hashOf(name: HashName, data: Uint8Array): Buffer {
  if (name === 'sha256') return hash('sha256', data, 'buffer');
  if (blake3 === undefined) {
    throw new GritError('GRIT_UNSUPPORTED', 'this image is hashed with blake3, which this machine does not have', {
      hint: 'Install the package @napi-rs/blake-hash for this platform, or use the checkpoint on another node.',
    });
  }
  return blake3(data);
}

// The package has a compiled part for each usual platform, and none for the others: there it throws when it is loaded.
function loadBlake3(): ((data: Uint8Array) => Buffer) | undefined {
  try {
    const loaded = createRequire(import.meta.url)('@napi-rs/blake-hash') as typeof BlakeHash;
    return loaded.blake3;
  } catch {
    return undefined;
  }
}
