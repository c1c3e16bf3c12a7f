// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceDriver, type DeviceProcess, type DeviceRecord, type DeviceUse } from '@grit/plugin-api';
import type { Stopwatch } from '../process/stopwatch.js';
import { throwIfAborted } from '../process/wait-until.js';
import { describeShortage, memoryShortages, type MemoryShortage } from './memory-room.js';
import { INHERITED_HINT, openDevices, type OpenDevice } from './open-devices.js';
import { limitsFor, limitsToRaise, lowerLimits, raiseLimits, type MemoryLimit } from './raise-limits.js';

/** Between the look for processes that use a device and the freeze another one may begin to. */
const ROUNDS = 3;

/** What is about to be done before the freeze. */
interface QuietPlan {
  readonly devices: readonly DeviceUse[];
  readonly raised: readonly MemoryLimit[];
}

/** What is frozen. */
export interface QuietFreeze {
  processes(): Promise<readonly DeviceProcess[]>;
  /** Writes down what is about to be done, for whoever has to take it back. */
  note(plan: QuietPlan): Promise<void>;
  /** Returns the frozen processes. */
  freeze(): Promise<readonly number[]>;
  thaw(): Promise<void>;
  /** Whether memory limits may be raised for the state of devices. */
  readonly mayRaise: boolean;
}

/** All of it is frozen. */
interface Quiet {
  readonly pids: readonly number[];
  /** Where something uses a device. */
  readonly devices?: DeviceRecord | undefined;
  /** Whether a memory limit is raised. */
  readonly raised: boolean;
}

/**
 * Freezes with the state of all devices in the memory of the processes: devices first, as a frozen process can do nothing for its device.
 * Whatever this throws, `release` takes back what is noted.
 * Errors: those of DeviceDriver.quiesce; GRIT_WORKLOAD_UNCHECKPOINTABLE: no room in the memory limits, or a device stays open (with pid and fd).
 */
export async function quietFreeze(
  devices: DeviceDriver | undefined,
  workload: QuietFreeze,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<Quiet> {
  if (devices === undefined) return { pids: await workload.freeze(), raised: false };
  for (let round = 1; ; round++) {
    const uses = await devices.discover(await workload.processes(), signal);
    const short = await memoryShortages(uses);
    if (short[0] !== undefined && !workload.mayRaise) throw noRoom(short[0]);
    watch.lap('discover');
    throwIfAborted(signal);
    const record = uses.length === 0 ? undefined : await quiesce(devices, { uses, short }, workload, watch, signal);
    const pids = await workload.freeze();
    const open = await openDevices(pids, (path) => devices.owns(path));
    if (open.length === 0) return { pids, devices: record, raised: short.length > 0 };
    if (round === ROUNDS) throw stillOpen(open);
    await workload.thaw();
    await devices.resume(uses, signal);
    await lowerLimits(limitsToRaise(short));
    watch.lap('freeze');
  }
}

async function quiesce(
  devices: DeviceDriver,
  { uses, short }: { readonly uses: readonly DeviceUse[]; readonly short: readonly MemoryShortage[] },
  workload: QuietFreeze,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<DeviceRecord> {
  await workload.note({ devices: uses, raised: limitsToRaise(short) });
  await raiseLimits(limitsFor(short));
  const { record, timings } = await devices.quiesce(uses, signal);
  watch.split(timings, 'device-other');
  return record;
}

function noRoom(shortage: MemoryShortage): GritError {
  const { message, hint } = describeShortage(shortage);
  return new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', message, { hint });
}

function stillOpen(open: readonly OpenDevice[]): GritError {
  const words = open.map(({ pid, path, fd }) => `pid ${pid} has ${path} ${fd === undefined ? 'mapped' : `(fd ${fd})`}`);
  return new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', `a device stays open: ${[...new Set(words)].join(', ')}`, {
    hint: INHERITED_HINT,
  });
}
