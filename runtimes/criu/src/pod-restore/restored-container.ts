// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { criuLogTail } from '../criu/criu-log.js';
import { readTextIfThere } from '../files/sealed-json.js';
import { unescapeMountPath, unmountBelow } from '../files/unmount-below.js';
import { endTools } from '../process/end-tools.js';
import { isAlive, sendSignal } from '../process/process-facts.js';
import type { Calls } from './calls.js';
import { pathThrough, type Shim } from './caller.js';
import { cgroupOfContainer } from '../pod/pod-cgroup.js';
import type { RestoringContainer } from './restore-record.js';

/** How far a container is. `ready`: complete, frozen, and containerd believes that it runs. */
export type ContainerProgress =
  | { readonly state: 'restoring' }
  | { readonly state: 'frozen' | 'ready'; readonly pid: number }
  | { readonly state: 'failed'; readonly reason: string };

/** Looks at the files of runc and the kernel. @param work - its directory of ours */
export async function progressOf(
  container: RestoringContainer,
  shim: Shim,
  work: string,
  calls: Calls,
): Promise<ContainerProgress> {
  const runs = await isAlive(container.pid, container.startTime);
  const pid = await initOf(container, shim);
  if (pid !== undefined) {
    if (!(await isAlive(pid))) return { state: 'failed', reason: 'it was ended before the whole pod was there' };
    return { state: (await calls.hasStarted(container.id)) ? 'ready' : 'frozen', pid };
  }
  if (runs) return { state: 'restoring' };
  const log = await criuLogTail(join(work, 'restore.log'));
  return { state: 'failed', reason: log === '' ? 'runc ended before CRIU began' : log };
}

/** Host pid of its first process, once runc has said that all is well. */
export async function initOf(container: RestoringContainer, shim: Shim): Promise<number | undefined> {
  const text = await readTextIfThere(pathThrough(shim, join(container.bundle, 'init.pid')));
  return text !== undefined && /^[1-9]\d*$/.test(text.trim()) ? Number(text) : undefined;
}

/** Ends whatever there is of it; a frozen process runs no instruction more. */
export async function endContainer(
  container: RestoringContainer,
  shim: Shim,
  work: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const pid = await initOf(container, shim);
  if (await isAlive(container.pid, container.startTime)) sendSignal(container.pid, 'SIGKILL');
  await endTools(work, 300);
  await unmountRestoreRoot(container.id, env);
  if (pid === undefined) return;
  await (await cgroupOfContainer(pid, container.id))?.kill();
}

/** Where runc shows CRIU the root: a runc that is killed leaves it mounted, and then nobody can remove the container's directory. */
async function unmountRestoreRoot(id: string, env: NodeJS.ProcessEnv): Promise<void> {
  const table = (await readTextIfThere('/proc/self/mountinfo')) ?? '';
  const points = table.split('\n').map((line) => unescapeMountPath(line.split(' ')[4] ?? ''));
  await unmountBelow(
    points.filter((point) => point.endsWith(`/${id}/criu-root`)),
    env,
  );
}
