// SPDX-License-Identifier: Apache-2.0
import type { PageSink } from './page-sink.js';
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
  /**
   * Opens the sink for pages, once; they go into the store while they arrive and never lie on the node's disk.
   * Missing where a dump goes through files alone.
   */
  openPages?(signal: AbortSignal): Promise<PageSink>;
  /**
   * Makes all that was given survive the end of this process: called when everything is added, before the driver notes that its dump
   * is finished. A driver that is called again for a finished dump adds its files again, not its pages. Errors: those of the storage.
   */
  flush?(signal: AbortSignal): Promise<void>;
}
