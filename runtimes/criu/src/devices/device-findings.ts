// SPDX-License-Identifier: Apache-2.0
import type { DeviceDriver, DeviceProcess, PreflightFinding } from '@grit/plugin-api';
import { describeShortage, memoryShortages } from './memory-room.js';
import { INHERITED_HINT, openDevices } from './open-devices.js';

/** What preflight finds about devices. */
export interface DeviceReport {
  readonly findings: readonly PreflightFinding[];
  /** Device memory, which the dump has to write too. */
  readonly bytes: number;
}

/** Looks for reasons against a checkpoint, in the devices of the processes; those in memory limits only where they may not be raised. Touches nothing. Errors: those of DeviceDriver.discover. */
export async function deviceFindings(
  devices: DeviceDriver | undefined,
  processes: readonly DeviceProcess[],
  mayRaise: boolean,
  signal: AbortSignal,
): Promise<DeviceReport> {
  if (devices === undefined) return { findings: [], bytes: 0 };
  const uses = await devices.discover(processes, signal);
  const others = processes.map(({ pid }) => pid).filter((pid) => !uses.some((use) => use.pid === pid));
  const open = await openDevices(others, (path) => devices.owns(path));
  const inherited = open.map(({ pid, path, fd }): PreflightFinding => ({
    severity: 'blocker',
    reason: 'device',
    message: `the device ${path} is ${fd === undefined ? 'mapped' : 'open'} in a process that does not use it itself`,
    hint: INHERITED_HINT,
    pid,
    fd,
  }));
  const [short, own] = await Promise.all([memoryShortages(uses), devices.preflight(processes, uses, signal)]);
  const room = mayRaise ? [] : short.map(describeShortage);
  return { findings: [...inherited, ...room, ...own], bytes: uses.reduce((sum, { bytes }) => sum + bytes, 0) };
}
