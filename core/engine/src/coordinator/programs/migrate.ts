// SPDX-License-Identifier: Apache-2.0
import { GritError, toGritError, type CheckpointRecord, type MigrateRequest } from '@grit/plugin-api';
import type { WorkloadRecord } from '../../catalog/catalog.js';
import { FailedOperation } from '../failed-operation.js';
import type { OperationRun } from '../operation-run.js';
import { abandon, prepare, restore, type RestoreTry } from './bring-back.js';
import { dump, release } from './checkpoint.js';
import type { ProgramResult } from './program.js';
import { removeSource } from './remove-source.js';
import { seal, store } from './store-and-seal.js';
import { undoDump } from './undo-dump.js';

const TRIES = 3;

/**
 * Moves a workload. The source is held until the target has the whole verified image and everything short of processes;
 * then it is ended, and from there the image is the truth: restored on the target, or at worst again on the source.
 */
export async function runMigrate(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as MigrateRequest;
  const storage = run.requireStorage(request.storage);
  const workload = run.lock(request.workload);
  // Read from the journal's side: after a crash the record may name the target already.
  const from = run.catalog.getStep(run.operation.id, 'dump')?.node ?? workload.node;
  const source = { ...workload, node: from };
  const to = await run.requireNode(request.to);
  if (to === from)
    throw new GritError('GRIT_REQUEST_INVALID', `workload ${workload.workload.name} is on node ${to} already`);
  if (run.catalog.getStep(run.operation.id, 'stop') === undefined) await run.requireNode(from);
  const begun = await run.beginCheckpoint(source, storage);
  const tcp = request.tcp ?? run.defaults.tcp;
  const checkpoint = await holdAndPrepare(run, source, begun, { to, tcp });
  await arrive(run, checkpoint, { from, to, tcp });
  await removeSource(run, source.workload, from);
  return { outcome: 'Migrated', result: { checkpoint: checkpoint.id, from, to } };
}

/** Up to the end of the source. Any failure lets the source go on. */
async function holdAndPrepare(
  run: OperationRun,
  source: WorkloadRecord,
  begun: CheckpointRecord,
  goal: { readonly to: string; readonly tcp: RestoreTry['tcp'] },
): Promise<CheckpointRecord> {
  const attempt = { checkpoint: begun, node: goal.to, tcp: goal.tcp, suffix: '', committed: false };
  let checkpoint = begun;
  try {
    await dump(run, source, begun, goal.tcp);
    const stored = await store(run, begun);
    checkpoint = { ...begun, manifestDigest: stored.manifestDigest };
    // Fetching reads the stored image back whole: that is the verification.
    await prepare(run, { ...attempt, checkpoint });
    await seal(run, checkpoint, stored);
  } catch (thrown) {
    run.stopSignal.throwIfAborted();
    const error = toGritError(thrown);
    // The source first: it is frozen, and nothing can have started on the target. What a node that is gone keeps of the try
    // makes room for the next one.
    const outcome = await undoDump(run, source, begun, error);
    const prepared = run.catalog.getStep(run.operation.id, 'prepare') !== undefined;
    if (prepared && error.code !== 'GRIT_NODE_GONE') await abandon(run, attempt);
    throw new FailedOperation(error, outcome);
  }
  try {
    await release(run, source, checkpoint, 'stop');
  } catch (thrown) {
    run.stopSignal.throwIfAborted();
    await abandon(run, attempt);
    // The node did not say whether the source has ended, so nothing else may start.
    throw new FailedOperation(toGritError(thrown), 'Held');
  }
  return checkpoint;
}

/** The source has ended: restore on the target, else on the source, else say so. */
async function arrive(
  run: OperationRun,
  checkpoint: CheckpointRecord,
  goal: { readonly from: string; readonly to: string; readonly tcp: RestoreTry['tcp'] },
): Promise<void> {
  let first: GritError | undefined;
  for (let number = 1; number <= TRIES; number += 1) {
    const suffix = number === 1 ? '' : `-${number}`;
    const problem = await tryRestore(run, { checkpoint, node: goal.to, tcp: goal.tcp, suffix, committed: true });
    if (problem === undefined) return;
    first ??= problem.error;
    // Something of the try may still be there: no other copy may be started.
    if (!problem.clean) throw new FailedOperation(first, 'StoppedWithCheckpoint');
  }
  const error = first ?? new GritError('GRIT_RESTORE_FAILED', 'restore failed');
  const back = await tryRestore(run, { checkpoint, node: goal.from, tcp: goal.tcp, suffix: '-back', committed: true });
  throw new FailedOperation(error, back === undefined ? 'ReturnedToSource' : 'StoppedWithCheckpoint');
}

async function tryRestore(
  run: OperationRun,
  attempt: RestoreTry,
): Promise<{ readonly error: GritError; readonly clean: boolean } | undefined> {
  try {
    // The first try on the target was prepared before the source ended; the journal knows.
    await prepare(run, attempt);
    await restore(run, attempt);
    return undefined;
  } catch (thrown) {
    run.stopSignal.throwIfAborted();
    return { error: toGritError(thrown), clean: (await abandon(run, attempt)) === undefined };
  }
}
