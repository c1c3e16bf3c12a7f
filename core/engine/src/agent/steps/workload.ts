// SPDX-License-Identifier: Apache-2.0
import type { Json, WorkloadRef, WorkloadSpec, WorkloadStatus } from '@grit/plugin-api';
import { launcherOf, type StepHandler } from '../step-context.js';

/** Starts a workload. */
export const start: StepHandler<{ readonly spec: WorkloadSpec }> = async ({ spec }, context) =>
  answer(await launcherOf(context).start(spec, context.signal));

/** How a workload is, asked of the runtime. */
export const inspect: StepHandler<{ readonly workload: WorkloadRef }> = async ({ workload }, context) =>
  answer(await launcherOf(context).inspect(workload, context.signal));

/** Ends a workload. */
export const stop: StepHandler<{ readonly workload: WorkloadRef; readonly graceMs: number }> = async (input, context) =>
  answer(await launcherOf(context).stop(input.workload, { graceMs: input.graceMs }, context.signal));

/** Removes what is left of an ended workload. */
export const remove: StepHandler<{ readonly workload: WorkloadRef }> = async ({ workload }, context) => {
  await launcherOf(context).remove(workload, context.signal);
  return {};
};

/** Removes a workload that did not start, whatever state it is in. */
export const discardWorkload: StepHandler<{ readonly workload: WorkloadRef }> = async ({ workload }, context) => {
  const { launcher } = context;
  // Then there was nothing that could have started it.
  if (launcher === undefined) return {};
  await launcher.stop(workload, { graceMs: 0 }, context.signal);
  await launcher.remove(workload, context.signal);
  return {};
};

/** A status as the output of a step. */
export function answer(status: WorkloadStatus): Json {
  return { status: status as unknown as Json };
}
