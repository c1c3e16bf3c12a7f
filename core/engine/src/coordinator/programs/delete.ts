// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeleteRequest, type Json, type WorkloadRef } from '@grit/plugin-api';
import { checkpointsInUse } from '../../retention/checkpoints-in-use.js';
import type { OperationRun } from '../operation-run.js';
import type { ProgramResult } from './program.js';

/** Step of the journal: the record is gone, too. */
const REMOVED = 'remove-record';

/** Deletes a checkpoint with its image, or what is left of an ended workload. */
export async function runDelete(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as DeleteRequest;
  if (request.checkpoint !== undefined) await deleteCheckpoint(run, request.checkpoint);
  else if (request.workload !== undefined) await deleteWorkload(run, request.workload);
  else throw new GritError('GRIT_REQUEST_INVALID', 'checkpoint or workload is needed');
  return { outcome: 'Deleted' };
}

async function deleteCheckpoint(run: OperationRun, id: string): Promise<void> {
  if (run.catalog.getStep(run.operation.id, REMOVED)?.phase === 'Succeeded') return;
  const checkpoint = await run.catalog.checkpoints.get(id, run.stopSignal);
  if (checkpoint.phase === 'Creating') {
    throw new GritError('GRIT_WORKLOAD_BUSY', `checkpoint ${id} is being made by ${checkpoint.operation}`);
  }
  run.catalog.updateOperation(run.operation.id, { checkpoint: id, workload: checkpoint.workload });
  requireUnused(run, id);
  // With nothing in between: whoever wants to restore it says so first and then looks whether it is still Ready.
  await run.catalog.checkpoints.expire(id, run.stopSignal);
  await run.local('delete-image', async () => {
    await run.storage(checkpoint.storage).delete(id, run.stopSignal);
    return null;
  });
  await run.local(REMOVED, async () => {
    await run.catalog.checkpoints.remove(id, run.stopSignal);
    return null;
  });
}

function requireUnused(run: OperationRun, id: string): void {
  const user = checkpointsInUse({ operations: run.catalog.listOperations({ unfinished: true }) }).get(id);
  if (user === undefined) return;
  throw new GritError('GRIT_WORKLOAD_BUSY', `checkpoint ${id} is in use by ${user}`, { details: { checkpoint: id } });
}

async function deleteWorkload(run: OperationRun, workload: WorkloadRef): Promise<void> {
  const record = run.lock(workload);
  await run.step('remove', record.node, 'remove', { workload } as unknown as Json);
  run.catalog.deleteWorkload(workload);
}
