// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceDriver, type DeviceProcess, type DeviceRecord, type DeviceUse } from '@grit/plugin-api';
import type { Stopwatch } from '../process/stopwatch.js';
import { throwIfAborted } from '../process/wait-until.js';
import { memoryShortages } from './memory-room.js';
import { openDevices, type OpenDevice } from './open-devices.js';

/** Between the look for processes that use a device and the freeze another one may begin to. */
const ROUNDS = 3;

/** What is frozen. */
export interface QuietFreeze {
  processes(): Promise<readonly DeviceProcess[]>;
  /** Writes down what is about to be quiesced, for whoever has to take it back. */
  note(uses: readonly DeviceUse[]): Promise<void>;
  /** Returns the frozen processes. */
  freeze(): Promise<readonly number[]>;
  thaw(): Promise<void>;
}

/** All of it is frozen. */
interface Quiet {
  readonly pids: readonly number[];
  /** Where something uses a device. */
  readonly devices?: DeviceRecord | undefined;
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
  if (devices === undefined) return { pids: await workload.freeze() };
  for (let round = 1; ; round++) {
    const uses = await devices.discover(await workload.processes(), signal);
    const [short] = await memoryShortages(uses);
    if (short !== undefined) throw new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', short.message, { hint: short.hint });
    watch.lap('discover');
    throwIfAborted(signal);
    const record = uses.length === 0 ? undefined : await quiesce(devices, uses, workload, watch, signal);
    const pids = await workload.freeze();
    const open = await openDevices(pids, (path) => devices.owns(path));
    if (open.length === 0) return { pids, devices: record };
    if (round === ROUNDS) throw stillOpen(open);
    await workload.thaw();
    await devices.resume(uses, signal);
    watch.lap('freeze');
  }
}

async function quiesce(
  devices: DeviceDriver,
  uses: readonly DeviceUse[],
  workload: QuietFreeze,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<DeviceRecord> {
  await workload.note(uses);
  const { record, timings } = await devices.quiesce(uses, signal);
  watch.split(timings, 'device-other');
  return record;
}

function stillOpen(open: readonly OpenDevice[]): GritError {
  const words = open.map(({ pid, path, fd }) => `pid ${pid} has ${path} ${fd === undefined ? 'mapped' : `(fd ${fd})`}`);
  return new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', `a device stays open: ${[...new Set(words)].join(', ')}`, {
    hint: 'It is often a worker that was forked and inherited it: let workers be made with spawn or forkserver.',
  });
}
