// SPDX-License-Identifier: Apache-2.0
import type { DeviceMap, DeviceProcess, DeviceRecord, Timing } from '@grit/plugin-api';
import { renewDeviceNodes } from '../devices/renew-device-nodes.js';
import { deviceProcesses } from '../devices/device-processes.js';
import { devicesToReturn, driverFor } from '../devices/return-devices.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { Shim } from './caller.js';
import { readBundle, type PodBundle } from './pod-bundle.js';
import type { Attempt } from './restore-record.js';
import type { livingContainers } from './restored-pod.js';

type Living = Awaited<ReturnType<typeof livingContainers>>;

/** Chooses the devices of one container, when the kubelet has said which it has. Undefined where it uses none. Errors: those of DeviceDriver.planRestore. */
export async function planContainerDevices(
  node: NodeEnvironment,
  record: DeviceRecord | undefined,
  { container, config }: PodBundle,
  signal: AbortSignal,
): Promise<DeviceMap | undefined> {
  if (record?.uses.some((use) => use.container === container) !== true) return undefined;
  const nodes = (config.linux?.devices ?? []).map(({ path }) => path);
  return driverFor(record, node.devices).planRestore(record, [{ container, nodes }], signal);
}

/** While all of it is frozen: each container gets the device nodes of its own specification. */
export async function renewPodDevices(
  node: NodeEnvironment,
  record: DeviceRecord | undefined,
  attempt: Attempt,
  { living, shim }: { readonly living: Living; readonly shim: Shim },
  signal: AbortSignal,
): Promise<void> {
  if (record === undefined) return;
  const devices = driverFor(record, node.devices);
  for (const { name, pid } of living) {
    const known = attempt.containers[name];
    if (known === undefined || !record.uses.some(({ container }) => container === name)) continue;
    const { config } = await readBundle(known.bundle, shim);
    await renewDeviceNodes(pid, config.linux?.devices ?? [], (path) => devices.owns(path), node.env, signal);
  }
}

/** When all of it is thawed: its processes get their devices back. Idempotent. */
export async function returnPodDevices(
  node: NodeEnvironment,
  record: DeviceRecord | undefined,
  attempt: Attempt,
  living: Living,
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  if (record === undefined) return [];
  const lists = living.map(async ({ name, cgroup }) => deviceProcesses(name, await cgroup.pids()));
  const here: readonly DeviceProcess[] = (await Promise.all(lists)).flat();
  const due = devicesToReturn(record, here, attempt.devices ?? {});
  return driverFor(record, node.devices).restore(due, signal);
}
