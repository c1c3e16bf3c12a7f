// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';
import type { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { freezeSettled, type Freezable } from '../cgroup/freeze-settled.js';
import { processFacts } from '../process/process-facts.js';

const STRANGER_LIMIT_MS = 10_000;
/** Processes that the kubelet puts in to look after the container end soon; the longer the pod runs in between the better. */
const STRANGER_PAUSE_MS = 50;
const THAW_PATIENCE_MS = 1_000;

/**
 * Freezes all containers of a pod at one instant: the group that they are in is frozen, then each of theirs, then the first is thawed, so that the
 * sandbox goes on and CRIU can thaw one container without the others. Waits for a moment when nothing is in them that was put in from outside, as the
 * probes of the kubelet are: it is no part of what CRIU dumps. @param inits - first process of each @param besides - groups of containers that stand
 * still with them and are not dumped. Returns the frozen processes of each, in the order of the groups.
 */
export async function freezePod(
  groups: readonly ContainerCgroup[],
  inits: readonly number[],
  besides: readonly ContainerCgroup[],
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
  const end = performance.now() + STRANGER_LIMIT_MS;
  for (;;) {
    await freezeSettled(all, signal);
    const stranger = await findStranger(await pidsOf(groups), inits);
    if (stranger === undefined) break;
    if (performance.now() > end) {
      throw new GritError(
        'GRIT_DUMP_FAILED',
        `process ${stranger} was put into a container from outside, and does not end`,
        {
          hint: 'End what was started with `kubectl exec` or the like.',
          details: { pid: stranger },
        },
      );
    }
    await thawPod([...groups, ...besides]);
    await delay(STRANGER_PAUSE_MS);
  }
  await Promise.all([...groups, ...besides].map(async (group) => group.freeze(signal)));
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

async function findStranger(
  pids: readonly (readonly number[])[],
  inits: readonly number[],
): Promise<number | undefined> {
  for (const group of pids) {
    for (const pid of group.filter((candidate) => !inits.includes(candidate))) {
      const facts = await processFacts(pid);
      if (facts !== undefined && !group.includes(facts.parent)) return pid;
    }
  }
  return undefined;
}

async function pidsOf(groups: readonly ContainerCgroup[]): Promise<readonly (readonly number[])[]> {
  return Promise.all(groups.map(async (group) => group.pids()));
}
