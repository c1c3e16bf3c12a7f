// SPDX-License-Identifier: Apache-2.0
import { GritError, type Hold, type ReleaseMode, type Timing } from '@grit/plugin-api';
import { resumeOrDrop } from '../devices/resume-devices.js';
import { heal } from '../driver/release.js';
import { findPod } from '../pod/pod-view.js';
import { podOf } from '../pod/pod-of.js';
import { STRAY_PATIENCE_MS } from '../process/end-tools.js';
import { throwIfAborted, waitUntil } from '../process/wait-until.js';
import { endDump } from './checkpoint-pod.js';
import { thawPod } from './pod-freezer.js';
import { cgroupsOf, dumpedOf, isPodAlive, type PodHold } from './pod-hold.js';
import type { PodPlaces } from './pod-places.js';
import { unquell } from './quell.js';

const END_LIMIT_MS = 20_000;

/** See RuntimeDriver.release. Processes of a pod are ended by the kubelet, when the pod is deleted: `stop` waits for it. */
export async function releasePod(
  places: PodPlaces,
  { id, workload }: Hold,
  mode: ReleaseMode,
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  throwIfAborted(signal);
  const { uid, name } = podOf(workload);
  const hold = await places.holds.read(uid);
  if (hold?.hold.id !== id) {
    const runs = (await findPod(places.client, workload, signal)).containers.some(({ pid }) => pid !== undefined);
    const asAsked = mode === 'resume' ? runs && hold === undefined : !runs;
    if (asAsked) return [];
    throw new GritError('GRIT_HOLD_NOT_FOUND', `there is no hold ${id}; pod ${name} ${runs ? 'is there' : 'is gone'}`);
  }
  // A dump that nobody waits for any more may still go on.
  if (hold.sealed === undefined) await endDump(places, hold, mode === 'stop' ? 0 : STRAY_PATIENCE_MS);
  const timings = mode === 'resume' ? await resume(places, hold, signal) : await awaitEnd(hold, signal);
  const alive = await isPodAlive(hold);
  await places.holds.remove(uid);
  if (mode === 'stop' || alive) return timings;
  throw new GritError('GRIT_HOLD_NOT_FOUND', `pod ${name} ended while it was held`);
}

async function resume({ node, holds }: PodPlaces, hold: PodHold, signal: AbortSignal): Promise<readonly Timing[]> {
  unquell(hold);
  await thawPod(await cgroupsOf(hold.containers));
  const dumped = await cgroupsOf(dumpedOf(hold));
  await heal((await Promise.all(dumped.map(async (group) => group.pids()))).flat(), hold);
  const { uid } = podOf(hold.hold.workload);
  return resumeOrDrop(node.devices, hold, async () => holds.remove(uid), signal);
}

async function awaitEnd(hold: PodHold, signal: AbortSignal): Promise<readonly Timing[]> {
  const ended = async (): Promise<true | undefined> => ((await isPodAlive(hold)) ? undefined : true);
  if ((await waitUntil(ended, { limitMs: END_LIMIT_MS, intervalMs: 50, signal })) === true) return [];
  throw new GritError('GRIT_WORKLOAD_BUSY', `pod ${hold.hold.workload.name} is frozen, and not deleted yet`, {
    hint: 'Delete the pod: the kubelet ends its processes, and not one instruction of them runs before.',
  });
}
