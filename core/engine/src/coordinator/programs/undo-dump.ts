// SPDX-License-Identifier: Apache-2.0
import {
  type CheckpointRecord,
  type GritError,
  type Json,
  type OperationOutcome,
  type WorkloadStatus,
} from '@grit/plugin-api';
import type { WorkloadRecord } from '../../catalog/catalog.js';
import type { OperationRun } from '../operation-run.js';
import { recordOf } from './record-status.js';

/** What the node answers. */
interface Undone {
  readonly wasHeld: boolean;
  /** Not from a node whose runtime starts no workloads: it cannot tell. */
  readonly status?: WorkloadStatus | undefined;
}

/** Errors that come before anything is frozen. */
const BEFORE_FREEZE = [
  'GRIT_WORKLOAD_NOT_FOUND',
  'GRIT_WORKLOAD_NOT_RUNNING',
  'GRIT_WORKLOAD_HELD',
  'GRIT_WORKLOAD_UNCHECKPOINTABLE',
];

/**
 * After a failure: the workload is let go, the image thrown away, the checkpoint Failed.
 * Says what became of the workload.
 */
export async function undoDump(
  run: OperationRun,
  workload: WorkloadRecord,
  checkpoint: CheckpointRecord,
  error: GritError,
): Promise<OperationOutcome> {
  const outcome = await letGo(run, workload, checkpoint, error);
  await run.catalog.checkpoints.fail(checkpoint.id, error.toJSON(), run.operation.id, run.stopSignal);
  return outcome;
}

async function letGo(
  run: OperationRun,
  workload: WorkloadRecord,
  checkpoint: CheckpointRecord,
  error: GritError,
): Promise<OperationOutcome> {
  if (BEFORE_FREEZE.includes(error.code)) return 'Unchanged';
  const input = { workload: workload.workload, hold: checkpoint.id, storage: checkpoint.storage };
  try {
    const { status, wasHeld } = await run.step<Undone>('undo', workload.node, 'undo-dump', input as unknown as Json, {
      committed: true,
    });
    if (status === undefined && !wasHeld) return 'Unchanged';
    const state = status === undefined ? { state: 'running' as const } : recordOf(status);
    run.catalog.updateWorkload(workload.workload, { ...state, hold: undefined });
    return 'Resumed';
  } catch {
    run.stopSignal.throwIfAborted();
    run.catalog.updateWorkload(workload.workload, { state: 'held', hold: checkpoint.id });
    return 'Held';
  }
}
