// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeleteRequest, type Json, type WorkloadRef } from '@grit/plugin-api';
import type { OperationRun } from '../operation-run.js';
import type { ProgramResult } from './program.js';

/** Deletes a checkpoint with its image, or what is left of an ended workload. */
export async function runDelete(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as DeleteRequest;
  if (request.checkpoint !== undefined) await deleteCheckpoint(run, request.checkpoint);
  else if (request.workload !== undefined) await deleteWorkload(run, request.workload);
  else throw new GritError('GRIT_REQUEST_INVALID', 'checkpoint or workload is needed');
  return { outcome: 'Deleted' };
}

async function deleteCheckpoint(run: OperationRun, id: string): Promise<void> {
  const checkpoint = await run.catalog.checkpoints.get(id, run.stopSignal);
  if (checkpoint.phase === 'Creating') {
    throw new GritError('GRIT_WORKLOAD_BUSY', `checkpoint ${id} is being made by ${checkpoint.operation}`);
  }
  run.catalog.updateOperation(run.operation.id, { checkpoint: id, workload: checkpoint.workload });
  await run.catalog.checkpoints.expire(id, run.stopSignal);
  await run.local('delete-image', async () => {
    await run.storage(checkpoint.storage).delete(id, run.stopSignal);
    return null;
  });
  await run.catalog.checkpoints.remove(id, run.stopSignal);
}

async function deleteWorkload(run: OperationRun, workload: WorkloadRef): Promise<void> {
  const record = run.lock(workload);
  await run.step('remove', record.node, 'remove', { workload } as unknown as Json);
  run.catalog.deleteWorkload(workload);
}
