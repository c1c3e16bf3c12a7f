// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Blake3Hasher } from '@napi-rs/blake-hash';
import type { HashName } from './image-manifest.js';

/** A hash that is fed piece by piece. */
export interface RunningHash {
  update(piece: Uint8Array): unknown;
  /** Hex. Ends it. */
  digest(form: 'hex'): string;
}

/** Begins a hash. */
export function runningHash(name: HashName): RunningHash {
  return name === 'blake3' ? new Blake3Hasher() : createHash('sha256');
}
