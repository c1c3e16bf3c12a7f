// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import type { Json, ReleaseMode, WorkloadRef } from '@grit/plugin-api';
import { launcherOf, storageOf, type StepHandler } from '../step-context.js';
import { Stopwatch } from '../stopwatch.js';

/** Ends a hold; without its id whatever hold the workload is in. */
export const release: StepHandler<{
  readonly workload: WorkloadRef;
  readonly hold: string | null;
  readonly mode: ReleaseMode;
}> = async ({ workload, hold, mode }, context) => {
  const holds = await context.driver.holds(context.signal);
  const found = holds.find((entry) => entry.id === hold || (hold === null && entry.workload.name === workload.name));
  const known = found ?? { id: hold ?? workload.name, workload, since: 0 };
  const watch = new Stopwatch();
  const parts = await context.driver.release(known, mode, context.signal);
  watch.lap(mode, parts);
  const status = await launcherOf(context).inspect(workload, context.signal);
  return { status: status as unknown as Json, timings: watch.timings as unknown as Json };
};

/**
 * Takes a checkpoint back: the workload goes on first, then the image is thrown away, here and in the store. Answers whether it was held, and how the
 * workload is, where somebody here knows.
 */
export const undoDump: StepHandler<{
  readonly workload: WorkloadRef;
  readonly hold: string;
  readonly storage: string;
}> = async ({ workload, hold, storage }, context) => {
  const found = (await context.driver.holds(context.signal)).find((entry) => entry.id === hold);
  // Without a hold nothing was frozen, or it was resumed before.
  if (found !== undefined) await context.driver.release(found, 'resume', context.signal);
  await rm(context.directories.dump(hold), { recursive: true, force: true });
  // A store that has vanished keeps only uncommitted remains, which nobody can read.
  await storageOf(context, storage)
    .delete(hold, context.signal)
    .catch((error: unknown) => context.logger.warn('image not removed', { checkpoint: hold, reason: String(error) }));
  const status = await context.launcher?.inspect(workload, context.signal);
  return { wasHeld: found !== undefined, ...(status === undefined ? {} : { status: status as unknown as Json }) };
};
