// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { GritError, type Hold, type ReleaseMode, type Timing } from '@grit/plugin-api';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { destroyContainer } from '../container/container-state.js';
import { awaitSupervisorEnd } from '../container/supervisor.js';
import { resumeOrDrop } from '../devices/resume-devices.js';
import { removeSealed } from '../files/sealed-json.js';
import { unmountBelow } from '../files/unmount-below.js';
import type { NodeEnvironment } from '../node-environment.js';
import { endTools, STRAY_PATIENCE_MS } from '../process/end-tools.js';
import { processFacts, sendSignal } from '../process/process-facts.js';
import { throwIfAborted, waitUntil } from '../process/wait-until.js';
import type { HoldRecord } from '../workload/hold-record.js';
import { viewWorkload, type WorkloadView } from '../workload/workload-status.js';

const END_LIMIT_MS = 20_000;

/** See RuntimeDriver.release. */
export async function release(
  node: NodeEnvironment,
  hold: Hold,
  mode: ReleaseMode,
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  throwIfAborted(signal);
  const view = await viewWorkload(node, hold.workload);
  if (view.hold?.hold.id !== hold.id) {
    const { state } = view.status;
    const asAsked = mode === 'resume' ? state === 'running' : state === 'exited' || state === 'missing';
    if (asAsked) return [];
    throw new GritError(
      'GRIT_HOLD_NOT_FOUND',
      `there is no hold ${hold.id}; workload ${hold.workload.name} is ${state}`,
    );
  }
  // A dump that nobody waits for any more may still go on.
  if (view.hold.sealed === undefined) {
    await endTools(view.hold.directory, mode === 'stop' ? 0 : STRAY_PATIENCE_MS);
    await unmountBelow([join(view.hold.directory, 'work')], node.env);
  }
  if (mode === 'resume') return resume(node, view, view.hold, signal);
  await stop(node, view);
  return [];
}

async function resume(
  node: NodeEnvironment,
  { record, directory, status }: WorkloadView,
  hold: HoldRecord,
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  if (record === undefined || status.state !== 'held') {
    await removeSealed(directory.hold);
    throw new GritError('GRIT_HOLD_NOT_FOUND', `workload ${hold.hold.workload.name} ended while it was held`);
  }
  const cgroup = await ContainerCgroup.open(record.cgroup);
  await cgroup.thaw();
  await heal(await cgroup.pids(), hold);
  const drop = async (): Promise<void> => removeSealed(directory.hold);
  const timings = await resumeOrDrop(node.devices, hold, drop, signal);
  await drop();
  return timings;
}

/** A CRIU that was killed can leave processes stopped that were not before. */
export async function heal(pids: readonly number[], hold: Pick<HoldRecord, 'sealed' | 'stopped'>): Promise<void> {
  if (hold.sealed !== undefined) return;
  for (const pid of pids.filter((candidate) => !hold.stopped.includes(candidate))) {
    if ((await processFacts(pid))?.state === 'T') sendSignal(pid, 'SIGCONT');
  }
}

async function stop(node: NodeEnvironment, { record, directory, status }: WorkloadView): Promise<void> {
  if (record !== undefined) {
    await (await ContainerCgroup.open(record.cgroup)).kill();
    const ended = async (): Promise<true | undefined> =>
      (await viewWorkload(node, status.workload)).status.state === 'exited' ? true : undefined;
    await waitUntil(ended, { limitMs: END_LIMIT_MS });
    await awaitSupervisorEnd(directory, END_LIMIT_MS);
    await destroyContainer(node, directory, record);
  }
  await removeSealed(directory.hold);
}
