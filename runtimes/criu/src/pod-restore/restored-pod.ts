// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { ContainerCgroup } from '../cgroup/container-cgroup.js';
import type { NodeEnvironment } from '../node-environment.js';
import { isAlive } from '../process/process-facts.js';
import { runOrThrow } from '../process/run-program.js';
import type { Shim } from './caller.js';
import { cgroupOfContainer } from '../pod/pod-cgroup.js';
import { initOf } from './restored-container.js';
import type { Attempt } from './restore-record.js';

/** A container that is complete and lives. */
interface CompleteContainer {
  readonly name: string;
  readonly pid: number;
  readonly cgroup: ContainerCgroup;
}

/** All containers of an attempt, each frozen. Throws GRIT_RESTORE_FAILED when one is not there. */
export async function completeContainers(attempt: Attempt, shim: Shim): Promise<readonly CompleteContainer[]> {
  const living = await livingContainers(attempt, shim);
  const gone = Object.keys(attempt.containers).find((name) => !living.some((container) => container.name === name));
  if (gone === undefined) return living;
  throw new GritError('GRIT_RESTORE_FAILED', `container ${gone} ended before the whole pod was there`);
}

/** Those that live. */
export async function livingContainers(attempt: Attempt, shim: Shim): Promise<readonly CompleteContainer[]> {
  const found = Object.entries(attempt.containers).map(async ([name, container]) => {
    const pid = await initOf(container, shim);
    if (pid === undefined || !(await isAlive(pid))) return undefined;
    const cgroup = await cgroupOfContainer(pid, container.id);
    return cgroup === undefined ? undefined : { name, pid, cgroup };
  });
  return (await Promise.all(found)).filter((container) => container !== undefined);
}

/** Gives the pod its own name back: CRIU has set the one of the source. */
export async function resetHostname(
  node: NodeEnvironment,
  pid: number,
  hostname: string,
  signal: AbortSignal,
): Promise<void> {
  const script = 'printf %s "$1" >/proc/sys/kernel/hostname';
  const args = [`--target=${pid}`, '--uts', '--', 'sh', '-c', script, 'sh', hostname];
  await runOrThrow('nsenter', args, { env: node.env, signal }, (message) => {
    return new GritError('GRIT_RESTORE_FAILED', `the host name could not be set: ${message}`);
  });
}

/** Lets all of them go on, one right after the other. Idempotent. */
export async function thawAll(containers: readonly CompleteContainer[]): Promise<void> {
  await Promise.all(containers.map(async ({ cgroup }) => cgroup.thaw()));
}
