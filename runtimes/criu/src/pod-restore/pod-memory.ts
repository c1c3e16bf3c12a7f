// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { limitedGroupsOf, memoryDirectory } from '../devices/memory-groups.js';
import { extraOf, lowerLimits, raiseLimits, type MemoryLimit } from '../devices/raise-limits.js';
import { readTextIfThere } from '../files/sealed-json.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { PodRecord } from '../pod/pod-image.js';
import type { Call } from './call.js';
import { pathThrough, type Shim } from './caller.js';
import { sandboxBundle, type PodBundle } from './pod-bundle.js';
import type { Attempt } from './restore-record.js';
import type { livingContainers } from './restored-pod.js';

/** The limits of a pod above its containers, and not those of the node: empty where the state of devices fits, or nothing is limited. */
export async function limitsOfPod(
  { devices, raised }: PodRecord,
  call: Call,
  { sandbox, pod }: PodBundle,
  shim: Shim,
): Promise<readonly MemoryLimit[]> {
  if (devices === undefined || raised !== true) return [];
  const text = await readTextIfThere(pathThrough(shim, join(sandboxBundle(call.bundle, sandbox), 'init.pid')));
  const groups = text === undefined ? [] : await limitedGroupsOf(Number(text));
  // As both cgroup drivers of the kubelet write it.
  const names = [`pod${pod.uid}`, `pod${pod.uid.replaceAll('-', '_')}`];
  return groups
    .filter(({ path }) => names.some((name) => path.includes(name)))
    .map(({ directory, limitBytes }) => ({ directory, limitBytes }));
}

/** Makes room for the state of all devices of the pod. @param limits - as they were, written down. Errors: GRIT_RESTORE_INCOMPATIBLE. */
export async function raisePod(
  node: NodeEnvironment,
  { devices }: PodRecord,
  limits: readonly MemoryLimit[],
): Promise<void> {
  if (limits.length === 0) return;
  const extra = extraOf(node, devices?.uses ?? []);
  await raiseLimits(limits.map(({ directory, limitBytes }) => ({ directory, limitBytes: limitBytes + extra })));
}

/** The limit that a container begins with. Undefined where its own is right. @param limitBytes - as the pod wants it */
export function beginningLimit(
  node: NodeEnvironment,
  { devices, raised }: PodRecord,
  container: string,
  limitBytes: number | undefined,
): number | undefined {
  const uses = (devices?.uses ?? []).filter((use) => use.container === container);
  if (raised !== true || limitBytes === undefined || uses.length === 0) return undefined;
  return limitBytes + extraOf(node, uses);
}

/** Sets all limits back, when the devices have their state. Idempotent. */
export async function lowerPod(
  { raised, memoryLimits = {} }: Attempt,
  living: Awaited<ReturnType<typeof livingContainers>>,
): Promise<void> {
  const own = living.map(async ({ name, cgroup }) => {
    const limitBytes = memoryLimits[name];
    return limitBytes === undefined ? [] : [{ directory: await memoryDirectory(cgroup.path), limitBytes }];
  });
  await lowerLimits([...(await Promise.all(own)).flat(), ...(raised ?? [])]);
}
