// SPDX-License-Identifier: Apache-2.0
import type { CheckpointRecord, OperationRequest } from '@grit/plugin-api';
import { workloadKey } from '../catalog/workload-key.js';
import { checkpointsInUse, type CheckpointUsers } from './checkpoints-in-use.js';
import {
  planRetention,
  type CountedObject,
  type RetainedCheckpoint,
  type RetentionDecision,
} from './plan-retention.js';
import type { RetentionPolicy } from './retention-policy.js';

/** What a plan for one store is made of. */
export interface StorePlanInput extends CheckpointUsers {
  readonly storage: string;
  readonly checkpoints: readonly CheckpointRecord[];
  readonly policy: RetentionPolicy;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By id, of all images of the store; needed for `maxBytes`. */
  readonly objects: ReadonlyMap<string, readonly CountedObject[]>;
  /** The request of the operation that made a checkpoint, which may have a time to live of its own. */
  readonly requestOf: (record: CheckpointRecord) => OperationRequest | undefined;
}

/** {@link planRetention} for the checkpoints of one store, by the catalog and what the store has. */
export function planOfStore(input: StorePlanInput): RetentionDecision[] {
  const { storage, checkpoints, policy, now, objects, requestOf } = input;
  const records = checkpoints.filter((record) => record.storage === storage);
  const judged = records.map((record): RetainedCheckpoint => {
    const { id, workload, phase, createdAt, pinned } = record;
    const request = requestOf(record);
    const ttlMs = request?.kind === 'checkpoint' ? request.ttlMs : undefined;
    return { id, workload: workloadKey(workload), phase, createdAt, pinned, ttlMs, objects: objects.get(id) };
  });
  const copies = new Set(
    checkpoints.filter((record) => record.copies?.some((copy) => copy.storage === storage)).map(({ id }) => id),
  );
  const known = new Set(records.map(({ id }) => id));
  for (const [id, own] of objects) {
    if (!known.has(id))
      judged.push({ id, workload: '', createdAt: 0, pinned: false, objects: own, copy: copies.has(id) });
  }
  return planRetention(judged, policy, now, checkpointsInUse(input));
}
