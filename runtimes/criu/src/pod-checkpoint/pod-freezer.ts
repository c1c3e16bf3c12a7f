// SPDX-License-Identifier: Apache-2.0
import type { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { freezeSettled, type Freezable } from '../cgroup/freeze-settled.js';
import { GritError } from '@grit/plugin-api';

/**
 * Freezes all containers of a pod at one instant: the group that they are in is frozen, then each of theirs, then the first is thawed, so that the
 * sandbox goes on and CRIU can thaw one container without the others. Returns the frozen processes of each, in the order of the groups.
 */
export async function freezePod(
  groups: readonly ContainerCgroup[],
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const [first] = groups;
  const parent = first?.parent;
  if (parent === undefined || groups.some((group) => group.parent.path !== parent.path)) {
    throw new GritError('GRIT_DUMP_FAILED', 'the containers of the pod are in no common control group');
  }
  const all: Freezable = {
    freeze: async (until) => parent.freeze(until),
    thaw: async () => parent.thaw(),
    pids: async () => (await pidsOf(groups)).flat(),
  };
  // A dump that was broken off leaves some frozen; now all of them run or stand together.
  await freezeSettled(all, signal);
  await Promise.all(groups.map(async (group) => group.freeze(signal)));
  await parent.thaw();
  return pidsOf(groups);
}

/** Lets all of them go on, as close together as can be. */
export async function thawPod(groups: readonly ContainerCgroup[]): Promise<void> {
  const parent = groups[0]?.parent;
  const isOneInstant = parent !== undefined && groups.length > 1;
  const patience = AbortSignal.timeout(THAW_PATIENCE_MS);
  // Not a must: in the worst case they begin a moment apart.
  if (isOneInstant) await parent.freeze(patience).catch(() => undefined);
  await Promise.all(groups.map(async (group) => group.thaw()));
  await parent?.thaw();
}

const THAW_PATIENCE_MS = 1_000;

async function pidsOf(groups: readonly ContainerCgroup[]): Promise<readonly (readonly number[])[]> {
  return Promise.all(groups.map(async (group) => group.pids()));
}
