// SPDX-License-Identifier: Apache-2.0
import type { CheckpointRecord, Json, StoredBytes, Timing } from '@grit/plugin-api';
import type { OperationRun } from '../operation-run.js';

/** What the step `store` gives. */
export interface StoredImageFacts {
  readonly manifestDigest: string;
  readonly size: number;
  /** Missing in a step that an earlier version has done. */
  readonly bytes?: StoredBytes | undefined;
  readonly timings: readonly Timing[];
}

/** Puts the dumped image into the store and commits it. Not yet Ready: that takes a read back. */
export async function store(run: OperationRun, checkpoint: CheckpointRecord): Promise<StoredImageFacts> {
  const input = { checkpoint: checkpoint.id, storage: checkpoint.storage, parent: checkpoint.parent ?? null } as Json;
  return run.step<StoredImageFacts>('store', checkpoint.node, 'store', input, { retry: true });
}

/** Writes Ready, after the image was read back whole and verified. */
export async function seal(run: OperationRun, checkpoint: CheckpointRecord, stored: StoredImageFacts): Promise<void> {
  const { manifestDigest, size, bytes, timings } = stored;
  await run.catalog.checkpoints.seal(
    checkpoint.id,
    { manifestDigest, size, bytes, timings },
    run.operation.id,
    run.stopSignal,
  );
  run.noticeSeal(checkpoint.storage);
}
