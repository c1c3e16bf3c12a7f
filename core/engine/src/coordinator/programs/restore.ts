// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  toGritError,
  type CheckpointRecord,
  type Json,
  type RestoreRequest,
  type WorkloadStatus,
} from '@grit/plugin-api';
import type { WorkloadRecord } from '../../catalog/catalog.js';
import { FailedOperation } from '../failed-operation.js';
import type { OperationRun } from '../operation-run.js';
import { abandon, prepare, restore } from './bring-back.js';
import type { ProgramResult } from './program.js';
import { removeSource } from './remove-source.js';

/** Brings a workload back from a checkpoint, unless a copy of it is there. */
export async function runRestore(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as RestoreRequest;
  const chosen = await chooseCheckpoint(run, request);
  // From here on no delete begins; one may have begun just before.
  run.catalog.updateOperation(run.operation.id, { checkpoint: chosen.id });
  const checkpoint = requireReady(await run.catalog.checkpoints.get(chosen.id, run.stopSignal));
  run.requireStorage(checkpoint.storage);
  const workload = run.lock(checkpoint.workload);
  const node = await run.requireNode(request.node ?? workload.node);
  run.catalog.updateOperation(run.operation.id, { checkpoint: checkpoint.id, node });
  await requireGone(run, workload);
  const attempt = { checkpoint, node, tcp: request.tcp ?? run.defaults.tcp, suffix: '', committed: false };
  try {
    await prepare(run, attempt);
    await restore(run, attempt);
  } catch (thrown) {
    run.stopSignal.throwIfAborted();
    await abandon(run, attempt);
    throw new FailedOperation(toGritError(thrown), 'Unchanged');
  }
  if (node !== workload.node) await removeSource(run, workload.workload, workload.node);
  return { outcome: 'Restored', result: { checkpoint: checkpoint.id, node } };
}

async function chooseCheckpoint(run: OperationRun, request: RestoreRequest): Promise<CheckpointRecord> {
  // The first choice stands, also when a newer checkpoint was made while the server was down.
  const id = request.checkpoint ?? run.operation.checkpoint;
  if (id !== undefined) {
    const checkpoint = await run.catalog.checkpoints.get(id, run.stopSignal);
    const named = request.workload?.name ?? checkpoint.workload.name;
    if (named !== checkpoint.workload.name) {
      throw new GritError(
        'GRIT_REQUEST_INVALID',
        `checkpoint ${id} is of ${checkpoint.workload.name}, not of ${named}`,
      );
    }
    return requireReady(checkpoint);
  }
  if (request.workload === undefined) throw new GritError('GRIT_REQUEST_INVALID', 'checkpoint or workload is needed');
  const all = await run.catalog.checkpoints.list({ workload: request.workload }, run.stopSignal);
  const latest = all.find((checkpoint) => checkpoint.phase === 'Ready');
  if (latest !== undefined) return latest;
  throw new GritError('GRIT_CHECKPOINT_NOT_FOUND', `workload ${request.workload.name} has no checkpoint that is Ready`);
}

function requireReady(checkpoint: CheckpointRecord): CheckpointRecord {
  const { id, phase } = checkpoint;
  if (phase === 'Ready') return checkpoint;
  throw new GritError('GRIT_CHECKPOINT_NOT_READY', `checkpoint ${id} is ${phase}`);
}

/** Asks the node itself: the record may be seconds old, and two copies must never run. */
async function requireGone(run: OperationRun, record: WorkloadRecord): Promise<void> {
  const input = { workload: record.workload } as unknown as Json;
  const { status } = await run.step<{ status: WorkloadStatus }>('inspect', record.node, 'inspect', input);
  if (status.state === 'running' || status.state === 'held') {
    throw new GritError(
      'GRIT_WORKLOAD_RUNNING',
      `workload ${record.workload.name} is ${status.state} on node ${record.node}`,
    );
  }
}
