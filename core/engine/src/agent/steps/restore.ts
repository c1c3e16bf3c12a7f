// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId } from '@grit/image';
import {
  GritError,
  type ImageSource,
  type Json,
  type PreparedRestore,
  type TcpPolicy,
  type WorkloadRef,
} from '@grit/plugin-api';
import { readSealed, writeSealed } from '../sealed-file.js';
import { storageOf, type NodeServices, type StepContext, type StepHandler } from '../step-context.js';
import { Stopwatch } from '../stopwatch.js';
import { answer } from './workload.js';

interface RestoreInput {
  readonly checkpoint: string;
  readonly workload: WorkloadRef;
  readonly restore: string;
  readonly tcp: TcpPolicy;
}

/** What `prepare` leaves for `restore`. */
interface SealedPreparation {
  readonly source: ImageSource;
  readonly prepared: PreparedRestore;
  readonly timings: Json;
  /** The fetched files are not durable: after a start of the machine they may hold anything. */
  readonly boot: string;
}

/** Fetches the image, verified chunk by chunk, and prepares everything short of processes. */
export const prepare: StepHandler<
  RestoreInput & { readonly storage: string; readonly manifestDigest: string | null }
> = async (input, context) => {
  const directory = context.directories.restore(input.restore);
  const known = await readPreparation(directory);
  if (known !== undefined) return { timings: known.timings };

  const watch = new Stopwatch();
  const { checkpoint, manifestDigest, storage } = input;
  const wanted = { checkpoint, digest: manifestDigest ?? undefined, storage: storageOf(context, storage) };
  const image = await context.images.take(wanted, input.restore, context);
  watch.lap('fetch');
  await makeRoom(input.workload, context);
  const source = { checkpoint, ...image };
  const target = { workload: input.workload, restore: input.restore, tcp: input.tcp, onProgress: context.onProgress };
  const prepared = await context.driver.prepareRestore(source, target, context.signal);
  watch.lap('prepare', prepared.timings);
  const timings = watch.timings as unknown as Json;
  const preparation: SealedPreparation = { source, prepared, timings, boot: bootId() };
  await writeSealed(join(directory, 'prepared.json'), preparation);
  return { timings };
};

/** Brings the processes back and checks them. The image is not needed any more. */
export const restore: StepHandler<RestoreInput> = async (input, context) => {
  const watch = new Stopwatch();
  const directory = context.directories.restore(input.restore);
  const sealed = await readPreparation(directory);
  if (sealed === undefined) {
    // The agent died between the clean-up and its report: then the workload is there, restored by this very operation.
    const status = await context.launcher?.inspect(input.workload, context.signal);
    if (status?.restoredFrom === input.checkpoint && status.state !== 'missing') return answer(status);
    throw new GritError('GRIT_RESTORE_FAILED', `restore ${input.restore} was not prepared on node ${context.node}`);
  }
  const restored = await context.driver.restore(sealed.prepared, sealed.source, context.signal);
  watch.lap('restore', restored.timings);
  const status = await context.driver.verify(restored, context.signal);
  watch.lap('check');
  await endRestore(input.restore, context);
  return { status: status as unknown as Json, timings: watch.timings as unknown as Json };
};

/** Takes a restore back that did not succeed. */
export const abandon: StepHandler<RestoreInput> = async (input, context) => {
  await context.driver.abandonRestore({ restore: input.restore, workload: input.workload }, context.signal);
  await endRestore(input.restore, context);
  return {};
};

/** What is left of a restore goes; its image may be of use to others. */
export async function endRestore(restore: string, { directories, images }: NodeServices): Promise<void> {
  await images.giveBack(restore);
  await rm(directories.restore(restore), { recursive: true, force: true });
}

async function readPreparation(directory: string): Promise<SealedPreparation | undefined> {
  const sealed = await readSealed<SealedPreparation>(join(directory, 'prepared.json'));
  return sealed?.boot === bootId() ? sealed : undefined;
}

/** Remains of an ended copy make room; a living one is never touched. */
async function makeRoom(workload: WorkloadRef, context: StepContext): Promise<void> {
  if (context.launcher === undefined) return;
  const status = await context.launcher.inspect(workload, context.signal);
  if (status.state === 'running' || status.state === 'held') {
    throw new GritError(
      'GRIT_WORKLOAD_RUNNING',
      `workload ${workload.name} is ${status.state} on node ${context.node}`,
    );
  }
  if (status.state === 'exited') await context.launcher.remove(workload, context.signal);
}
