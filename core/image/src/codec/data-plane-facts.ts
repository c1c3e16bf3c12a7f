// SPDX-License-Identifier: Apache-2.0
import { versions } from 'node:process';
import { WRITE_HASH } from '../chunk/chunk-hash.js';
import type { HashName } from '../format/image-manifest.js';
import { nativeWork } from './native-work.js';

/** What does the work on images on this machine. */
export interface DataPlaneFacts {
  /** Whether the addon is in use. Without it images are the same, and made more slowly. */
  readonly native: boolean;
  /** The hash that new images are written with. */
  readonly hash: HashName;
  /** Version of the zstd that compresses: that of Node. */
  readonly zstd: string;
}

/** What does the work on images on this machine. */
export function dataPlaneFacts(): DataPlaneFacts {
  return { native: nativeWork !== undefined, hash: WRITE_HASH, zstd: versions['zstd'] ?? 'unknown' };
}
