// SPDX-License-Identifier: Apache-2.0
import { GritError, type CheckpointRecord } from '@grit/plugin-api';
import { fromColumn, known, type Row } from './database.js';

/** The record that a row holds. */
export function checkpointOf(row: Row): CheckpointRecord {
  return known({
    id: row.id,
    workload: fromColumn(row.workload),
    node: row.node,
    storage: row.storage,
    copies: fromColumn(row.copies),
    phase: row.phase,
    parent: row.parent ?? undefined,
    operation: row.operation,
    manifestDigest: row.manifest_digest ?? undefined,
    size: row.size ?? undefined,
    bytes: fromColumn(row.bytes),
    timings: fromColumn(row.timings),
    pinned: row.pinned === 1,
    error: fromColumn(row.error),
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
  }) as unknown as CheckpointRecord;
}

/** A change that the phase of the checkpoint does not allow. */
export function checkpointConflict(row: Row, wanted: string): GritError {
  const id = row.id as string;
  return new GritError('GRIT_CATALOG_CONFLICT', `checkpoint ${id} is ${String(row.phase)} and cannot be ${wanted}`, {
    details: { checkpoint: id },
  });
}
