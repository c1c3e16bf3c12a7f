// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  toGritError,
  type CheckpointRecord,
  type Json,
  type RestoreRequest,
  type WorkloadStatus,
} from '@grit/plugin-api';
import { placesOf, type Place } from '../../catalog/places-of.js';
import type { WorkloadRecord } from '../../catalog/catalog.js';
import { FailedOperation } from '../failed-operation.js';
import type { OperationRun } from '../operation-run.js';
import { abandon, prepare, restore, type RestoreTry } from './bring-back.js';
import type { ProgramResult } from './program.js';
import { removeSource } from './remove-source.js';

/** Brings a workload back from a checkpoint, unless a copy of it is there. */
export async function runRestore(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as RestoreRequest;
  const chosen = await chooseCheckpoint(run, request);
  // From here on no delete begins; one may have begun just before.
  run.catalog.updateOperation(run.operation.id, { checkpoint: chosen.id });
  const checkpoint = requireReady(await run.catalog.checkpoints.get(chosen.id, run.stopSignal));
  const places = placesFor(checkpoint, request.storage);
  // What no storage of the configuration can have is told before anything is locked.
  if (places.length === 1) run.requireStorage(places[0]?.storage);
  const workload = run.lock(checkpoint.workload);
  const node = await run.requireNode(request.node ?? workload.node);
  run.catalog.updateOperation(run.operation.id, { checkpoint: checkpoint.id, node });
  await requireGone(run, workload);
  const common = { node, tcp: request.tcp ?? run.defaults.tcp, committed: false };
  const storage = await fromFirst(run, places, async ({ storage, digest }, index) => {
    const attempt: RestoreTry = {
      ...common,
      checkpoint: { ...checkpoint, storage, manifestDigest: digest },
      suffix: index === 0 ? '' : `-copy-${String(index)}`,
    };
    try {
      run.requireStorage(storage);
      await prepare(run, attempt);
      await restore(run, attempt);
    } catch (thrown) {
      run.stopSignal.throwIfAborted();
      await abandon(run, attempt);
      throw thrown;
    }
  });
  if (node !== workload.node) await removeSource(run, workload.workload, workload.node);
  const other = storage === checkpoint.storage ? {} : { storage };
  return { outcome: 'Restored', result: { checkpoint: checkpoint.id, node, ...other } };
}

function placesFor(checkpoint: CheckpointRecord, storage: string | undefined): readonly Place[] {
  const places = placesOf(checkpoint);
  const wanted = places.filter((place) => storage === undefined || place.storage === storage);
  if (wanted.length > 0) return wanted;
  const known = places.map((place) => place.storage).join(', ');
  throw new GritError('GRIT_REQUEST_INVALID', `checkpoint ${checkpoint.id} has no image in storage ${storage ?? ''}`, {
    hint: `It is in ${known}. grit copy puts it into another one.`,
  });
}

/** Tries one place after the other, as long as it is the stored image that fails; gives the storage that had it. */
async function fromFirst(
  run: OperationRun,
  places: readonly Place[],
  bring: (place: Place, index: number) => Promise<void>,
): Promise<string> {
  const failures: GritError[] = [];
  for (const [index, place] of places.entries()) {
    try {
      await bring(place, index);
      return place.storage;
    } catch (thrown) {
      run.stopSignal.throwIfAborted();
      const error = toGritError(thrown);
      failures.push(error);
      if (!isOfImage(error)) break;
    }
  }
  throw new FailedOperation(summed(failures, places), 'Unchanged');
}

/** Another storage may have what one has lost, does not give, or cannot decrypt. */
function isOfImage({ code }: GritError): boolean {
  return /^GRIT_(STORAGE|IMAGE|KEY)_/.test(code) || code === 'GRIT_CHECKPOINT_NOT_FOUND';
}

function summed(failures: readonly GritError[], places: readonly Place[]): GritError {
  const [first, ...others] = failures;
  if (first === undefined) return new GritError('GRIT_INTERNAL', 'a checkpoint is in no storage');
  if (others.length === 0) return first;
  const text = others.map(({ message }, index) => `${places[index + 1]?.storage ?? ''}: ${message}`);
  const { code, hint, details } = first;
  return new GritError(code, [first.message, ...text].join('; '), { hint, details, cause: first });
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
