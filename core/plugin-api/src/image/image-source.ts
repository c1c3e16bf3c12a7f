// SPDX-License-Identifier: Apache-2.0
import type { Json } from '../json.js';
import type { LocalPart } from './part.js';

/** An image on the node's own disk, complete and verified, to be restored from. Read-only for the driver. */
export interface ImageSource {
  /** Id of the checkpoint. */
  readonly checkpoint: string;
  /** Absolute path; a part `a/b` is the file `a/b` below it. */
  readonly directory: string;
  readonly parts: readonly LocalPart[];
  /** What the driver's `checkpoint` returned as its record. */
  readonly runtime: RuntimeRecord;
}

/** The driver's own part of the manifest. */
export interface RuntimeRecord {
  /** Id of the driver that made it; only that driver reads it. */
  readonly driver: string;
  /** Version of the record's shape. */
  readonly version: number;
  readonly data: Json;
}
