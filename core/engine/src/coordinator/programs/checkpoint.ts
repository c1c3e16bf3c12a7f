// SPDX-License-Identifier: Apache-2.0
import {
  toGritError,
  type CheckpointRecord,
  type CheckpointRequest,
  type Json,
  type WorkloadStatus,
} from '@grit/plugin-api';
import type { WorkloadRecord } from '../../catalog/catalog.js';
import { FailedOperation } from '../failed-operation.js';
import type { OperationRun } from '../operation-run.js';
import { knownCheckpoints } from './known-checkpoints.js';
import type { ProgramResult } from './program.js';
import { recordOf } from './record-status.js';
import { seal, store } from './store-and-seal.js';
import { undoDump } from './undo-dump.js';

/** Dump, store, read back, Ready; and the workload goes on, ends, or stays held. */
export async function runCheckpoint(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as CheckpointRequest;
  const storage = run.requireStorage(request.storage);
  const workload = run.lock(request.workload);
  await run.requireNode(workload.node);
  const checkpoint = await run.beginCheckpoint(workload, storage);
  try {
    await dump(run, workload, checkpoint, request.tcp);
    const after = request.afterCheckpoint ?? run.defaults.afterCheckpoint;
    // First of all: every millisecond until here the workload stood still.
    if (after === 'resume') await release(run, workload, checkpoint, 'resume');
    const stored = await store(run, checkpoint);
    await run.step('verify', workload.node, 'verify', {
      checkpoint: checkpoint.id,
      storage,
      manifestDigest: stored.manifestDigest,
    });
    await seal(run, checkpoint, stored);
    if (after === 'stop') await release(run, workload, checkpoint, 'stop');
    return { outcome: 'Checkpointed', result: { checkpoint: checkpoint.id, size: stored.size, after } };
  } catch (thrown) {
    run.stopSignal.throwIfAborted();
    const error = toGritError(thrown);
    const ready = await run.catalog.checkpoints.get(checkpoint.id, run.stopSignal);
    // Only the stop is missing: the checkpoint is good and the workload held.
    if (ready.phase === 'Ready') throw new FailedOperation(error, 'Held');
    throw new FailedOperation(error, await undoDump(run, workload, checkpoint, error));
  }
}

/** Freezes and dumps; afterwards the workload is held. */
export async function dump(
  run: OperationRun,
  workload: WorkloadRecord,
  checkpoint: CheckpointRecord,
  tcp = run.defaults.tcp,
): Promise<void> {
  const { id, storage } = checkpoint;
  const known = await knownCheckpoints(run.catalog.checkpoints, checkpoint, run.stopSignal);
  const input = { workload: workload.workload, checkpoint: id, storage, known, tcp } as unknown as Json;
  await run.step('dump', workload.node, 'dump', input);
  run.catalog.updateWorkload(workload.workload, { state: 'held', hold: id });
}

/** Ends the hold. */
export async function release(
  run: OperationRun,
  workload: WorkloadRecord,
  checkpoint: CheckpointRecord,
  mode: 'resume' | 'stop',
): Promise<void> {
  const input = { workload: workload.workload, hold: checkpoint.id, mode } as unknown as Json;
  const { status } = await run.step<{ status: WorkloadStatus }>(mode, workload.node, 'release', input, {
    committed: true,
  });
  const state = mode === 'stop' ? { state: 'stopped' as const } : {};
  run.catalog.updateWorkload(workload.workload, { ...recordOf(status), ...state, hold: undefined });
}
