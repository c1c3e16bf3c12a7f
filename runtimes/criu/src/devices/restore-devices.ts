// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceMap, DeviceRecord, WorkloadSpec } from '@grit/plugin-api';
import type { ContainerCgroup } from '../cgroup/container-cgroup.js';
import type { BundleDevice } from '../container/device-nodes.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { Stopwatch } from '../process/stopwatch.js';
import { memoryDirectory } from './memory-groups.js';
import { renewDeviceNodes } from './renew-device-nodes.js';
import { deviceProcesses } from './device-processes.js';
import { extraOf, lowerLimits } from './raise-limits.js';
import { devicesToReturn, driverFor } from './return-devices.js';

/** Which devices the processes will have here. */
export interface PlannedDevices {
  readonly record: DeviceRecord;
  readonly map: DeviceMap;
  /** What is added to the memory limit until they have their state back. */
  readonly extraBytes?: number | undefined;
}

/** Before anything is made. Undefined where nothing uses a device. Errors: those of DeviceDriver.planRestore, GRIT_RESTORE_INCOMPATIBLE. */
export async function planDevices(
  node: NodeEnvironment,
  { devices: record, raised = false }: ImageDevices,
  { devices = [] }: WorkloadSpec,
  signal: AbortSignal,
): Promise<PlannedDevices | undefined> {
  if (record === undefined) return undefined;
  const nodes = devices.map(({ destination }) => destination);
  const map = await driverFor(record, node.devices).planRestore(
    record,
    [{ container: containerOf(record), nodes }],
    signal,
  );
  const extraBytes = raised ? extraOf(node, record.uses) : undefined;
  return { record, map, extraBytes };
}

/** What an image says of devices. */
interface ImageDevices {
  readonly devices?: DeviceRecord | undefined;
  readonly raised?: boolean | undefined;
}

/** A container that CRIU has made, frozen. */
interface Restored {
  readonly cgroup: ContainerCgroup;
  /** Its directory. */
  readonly bundle: string;
  /** Its memory limit when all is done. */
  readonly limitBytes?: number | undefined;
}

/**
 * Lets a restored container go on, with the devices of this node in its /dev, and gives its processes their devices: they wait for them at their
 * next use. Idempotent.
 */
export async function thawRestored(
  node: NodeEnvironment,
  restored: Restored,
  planned: PlannedDevices | undefined,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<void> {
  const { cgroup } = restored;
  if (planned === undefined) {
    await renewNodes(node, restored, () => false, signal);
    return cgroup.thaw();
  }
  const { record, map, extraBytes } = planned;
  const devices = driverFor(record, node.devices);
  const container = containerOf(record);
  const processes = await deviceProcesses(container, await cgroup.pids());
  await renewNodes(node, restored, (path) => devices.owns(path), signal);
  watch.lap('restore');
  await cgroup.thaw();
  const timings = await devices.restore(devicesToReturn(record, processes, { [container]: map }), signal);
  if (extraBytes !== undefined && restored.limitBytes !== undefined) {
    await lowerLimits([{ directory: await memoryDirectory(cgroup.path), limitBytes: restored.limitBytes }]);
  }
  watch.split(timings, 'thaw');
}

/** The nodes that the bundle asks for, and all that are a driver's. In a container that runs they have been made before. */
async function renewNodes(
  node: NodeEnvironment,
  { cgroup, bundle }: Restored,
  owns: (path: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const config = JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8')) as {
    readonly linux?: { readonly devices?: readonly BundleDevice[] };
  };
  const asked = config.linux?.devices ?? [];
  if (asked.length === 0 || !(await cgroup.settleFreeze(signal))) return;
  const [pid] = await cgroup.pids();
  if (pid === undefined) return;
  const isOurs = (path: string): boolean => owns(path) || asked.some((device) => device.path === path);
  await renewDeviceNodes(pid, asked, isOurs, node.env, signal);
}

/** There is one only; it has the name that it had at the source. */
function containerOf({ uses }: DeviceRecord): string {
  return uses[0]?.container ?? '';
}
