// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type DeviceDriver, type Timing } from '@grit/plugin-api';
import type { HoldRecord } from '../workload/hold-record.js';
import { lowerLimits } from './raise-limits.js';

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

/** The same at the end of a hold. @param drop - removes the hold where there is nothing more to be had from another try */
export async function resumeOrDrop(
  devices: DeviceDriver | undefined,
  hold: HoldRecord,
  drop: () => Promise<void>,
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  try {
    return await resumeDevices(devices, hold, signal);
  } catch (error) {
    if (isGritError(error) && error.code === 'GRIT_DEVICE_LOST') await drop();
    throw error;
  }
}
