// SPDX-License-Identifier: Apache-2.0
import type { PartSource } from './part.js';

/**
 * Where a driver puts what it dumps. The sink belongs to one dump; its directory is local, empty and nobody else's.
 * Nothing reaches the store before the driver's `checkpoint` has returned.
 */
export interface ImageSink {
  /** Absolute path; on the node's own disk, so that tools may write into it at full speed. */
  readonly directory: string;
  /**
   * Says that a file below the directory is complete and is a part. It may be hashed and sent from this moment on,
   * so the driver calls it as early as it can. Throws GRIT_IMAGE_MANIFEST_INVALID for a bad or doubled name.
   */
  add(part: PartSource): void;
}
