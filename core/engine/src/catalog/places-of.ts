// SPDX-License-Identifier: Apache-2.0
import type { CheckpointRecord } from '@grit/plugin-api';

/** Where an image of a checkpoint is. */
export interface Place {
  /** Name of the storage plugin. */
  readonly storage: string;
  /** Of the manifest there; unknown before the checkpoint is Ready. */
  readonly digest: string | undefined;
}

/** All places of a checkpoint, first the one where it is looked for first. */
export function placesOf({ storage, manifestDigest, copies = [] }: CheckpointRecord): Place[] {
  return [{ storage, digest: manifestDigest }, ...copies];
}
