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

let blakeHash: typeof BlakeHash | undefined;

/** Begins a hash. Throws GRIT_UNSUPPORTED for blake3 where it is not there. */
export function runningHash(name: HashName): RunningHash {
  if (name === 'sha256') return createHash('sha256');
  blakeHash ??= loadBlakeHash();
  return new blakeHash.Blake3Hasher();
}

// hashOf says in its words what is missing on a machine without it.
function loadBlakeHash(): typeof BlakeHash {
  hashOf('blake3', Buffer.alloc(0));
  return createRequire(import.meta.url)('@napi-rs/blake-hash') as typeof BlakeHash;
}
