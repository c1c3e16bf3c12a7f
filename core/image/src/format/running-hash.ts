// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as BlakeHash from '@napi-rs/blake-hash';
import { hashOf } from '../chunk/chunk-hash.js';
import type { HashName } from './image-manifest.js';

/** A hash that is fed piece by piece. */
export interface RunningHash {
  update(piece: Uint8Array): unknown;
  /** Hex. Ends it. */
  digest(form: 'hex'): string;
}

/** Begins a hash. Throws GRIT_UNSUPPORTED for blake3 where it is not there. */
export function runningHash(name: HashName): RunningHash {
  if (name === 'sha256') return createHash('sha256');
  // Says it in its own words where the package is missing.
  hashOf(name, Buffer.alloc(0));
  const { Blake3Hasher } = createRequire(import.meta.url)('@napi-rs/blake-hash') as typeof BlakeHash;
  return new Blake3Hasher();
}
