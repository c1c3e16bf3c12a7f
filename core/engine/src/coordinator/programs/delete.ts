// SPDX-License-Identifier: Apache-2.0
import { GritError, type CheckpointRecord, type DeleteRequest, type Json, type WorkloadRef } from '@grit/plugin-api';
import { placesOf } from '../../catalog/places-of.js';
import { checkpointsInUse } from '../../retention/checkpoints-in-use.js';
import type { OperationRun } from '../operation-run.js';
import type { ProgramResult } from './program.js';

/** Step of the journal: the record is gone, too. */
const REMOVED = 'remove-record';
/** Step of the journal: the record does not name the storage any more. */
const FORGOTTEN = 'forget-place';

/** Deletes a checkpoint with its image, or what is left of an ended workload. */
export async function runDelete(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as DeleteRequest;
  if (request.checkpoint !== undefined) await deleteCheckpoint(run, request.checkpoint, request.storage);
  else if (request.workload !== undefined) await deleteWorkload(run, request.workload);
  else throw new GritError('GRIT_REQUEST_INVALID', 'checkpoint or workload is needed');
  return { outcome: 'Deleted' };
}

async function deleteCheckpoint(run: OperationRun, id: string, storage: string | undefined): Promise<void> {
  if (run.catalog.getStep(run.operation.id, REMOVED)?.phase === 'Succeeded') return;
  const checkpoint = await run.catalog.checkpoints.get(id, run.stopSignal);
  if (checkpoint.phase === 'Creating') {
    throw new GritError('GRIT_WORKLOAD_BUSY', `checkpoint ${id} is being made by ${checkpoint.operation}`);
  }
  run.catalog.updateOperation(run.operation.id, { checkpoint: id, workload: checkpoint.workload });
  requireUnused(run, id);
  const places = placesOf(checkpoint);
  if (storage !== undefined && (places.length > 1 || places[0]?.storage !== storage)) {
    await deletePlace(run, checkpoint, storage);
    return;
  }
  // With nothing in between: whoever wants to restore it says so first and then looks whether it is still Ready.
  await run.catalog.checkpoints.expire(id, run.stopSignal);
  await run.local('delete-image', async () => {
    for (const place of places) await run.storage(place.storage).delete(id, run.stopSignal);
    return null;
  });
  await run.local(REMOVED, async () => {
    await run.catalog.checkpoints.remove(id, run.stopSignal);
    return null;
  });
}

/** The image in one storage goes; the checkpoint stays where else it is. Nobody looks for it there any more when its bytes go. */
async function deletePlace(run: OperationRun, checkpoint: CheckpointRecord, storage: string): Promise<void> {
  const { id } = checkpoint;
  const begun = run.catalog.getStep(run.operation.id, FORGOTTEN) !== undefined;
  if (!begun && !placesOf(checkpoint).some((place) => place.storage === storage)) {
    throw new GritError('GRIT_REQUEST_INVALID', `checkpoint ${id} has no image in storage ${storage}`);
  }
  await run.local(FORGOTTEN, async () => {
    await run.catalog.checkpoints.removePlace(id, storage, run.stopSignal);
    return null;
  });
  await run.local('delete-image', async () => {
    await run.storage(storage).delete(id, run.stopSignal);
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
