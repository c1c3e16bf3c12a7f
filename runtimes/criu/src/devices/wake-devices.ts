// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceDriver, type Timing } from '@grit/plugin-api';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import type { NodeEnvironment } from '../node-environment.js';
import { lowerLimits } from './raise-limits.js';
import type { HoldRecord } from '../workload/hold-record.js';
import type { WorkloadRecord } from '../workload/workload-record.js';

/** Takes back what a hold has noted. The processes are thawed: a frozen one can do nothing for its device. */
export async function resumeDevices(
  devices: DeviceDriver | undefined,
  { devices: uses, raised }: Pick<HoldRecord, 'devices' | 'raised'>,
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  if (uses === undefined || uses.length === 0) return [];
  if (devices !== undefined) {
    const timings = await devices.resume(uses, signal);
    await lowerLimits(raised);
    return timings;
  }
  throw new GritError('GRIT_DEVICE_UNAVAILABLE', 'processes are locked whose devices this agent knows nothing of', {
    hint: 'Start the agent with the runtime plugin that has made the hold; then release it again.',
  });
}

/** Before a dump that was interrupted is made anew: the first look at the devices needs processes that run. */
export async function wakeDevices(
  node: NodeEnvironment,
  { cgroup }: Pick<WorkloadRecord, 'cgroup'>,
  hold: HoldRecord,
  signal: AbortSignal,
): Promise<void> {
  await (await ContainerCgroup.open(cgroup)).thaw();
  await resumeDevices(node.devices, hold, signal);
}
