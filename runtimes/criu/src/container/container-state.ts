// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { readSealedJson } from '../files/sealed-json.js';
import { unmountBelow } from '../files/unmount-below.js';
import type { NodeEnvironment } from '../node-environment.js';
import { endTools } from '../process/end-tools.js';
import { isAlive } from '../process/process-facts.js';
import type { WorkloadDirectory } from '../workload/workload-directory.js';
import type { WorkloadRecord } from '../workload/workload-record.js';

/** The part of runc's state file that is read here. */
interface RuncState {
  readonly init_process_pid: number;
  readonly init_process_start: number | string;
}

/** Host pid of the container's first process while it lives. */
export async function livingPid(node: NodeEnvironment, record: WorkloadRecord): Promise<number | undefined> {
  const state = await readSealedJson<RuncState>(join(node.runcRoot, record.container, 'state.json')).catch(
    () => undefined,
  );
  if (state === undefined || state.init_process_pid <= 0) return undefined;
  return (await isAlive(state.init_process_pid, String(state.init_process_start))) ? state.init_process_pid : undefined;
}

/** Ends everything of a container that did not come to be, or whose runc is gone. Idempotent. */
export async function destroyContainer(
  node: NodeEnvironment,
  workload: WorkloadDirectory,
  record: WorkloadRecord,
): Promise<void> {
  const cgroup = await ContainerCgroup.open(record.cgroup);
  await cgroup.kill();
  // runc may fork again as long as it lives: its group is looked at once more when it is gone.
  await endTools(workload.path, 300);
  await cgroup.kill();
  const state = join(node.runcRoot, record.container);
  await unmountBelow([workload.restoreWork, state], node.env);
  await rm(state, { recursive: true, force: true });
  await cgroup.remove();
}
