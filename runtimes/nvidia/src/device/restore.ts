// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceReturn, type DeviceUse, type Timing } from '@grit/plugin-api';
import type { GpuPair } from '../cuda/checkpoint-api.js';
import type { Gpu } from '../nvml/gpus.js';
import type { GpuTools } from './gpu-tools.js';
import { allOrFirst, runInLanes } from './lanes.js';
import { isAlive, isFinal, lost } from './process-state.js';
import { settledState } from './resume.js';

/** See DeviceDriver.restore. */
export async function restore(
  tools: GpuTools,
  returns: readonly DeviceReturn[],
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  const start = performance.now();
  const due = await dueOf(tools, returns, signal);
  const there = due.map(({ use, map }) => ({ ...use, devices: use.devices.map((uuid) => map[uuid] ?? uuid), map }));
  await checkFreeMemory(tools, there, signal);
  await runInLanes(there, async (use) => orLost(use, signal, async () => restoreOne(tools, use, signal)));
  const restored = performance.now();
  await allOrFirst(due.map(async ({ use }) => orLost(use, signal, async () => unlockOne(tools, use, signal))));
  const unlocked = performance.now();
  await Promise.all(due.map(async ({ use }) => orLost(use, signal, async () => checkRunning(tools, use, signal))));
  return [
    { phase: 'device-restore', ms: restored - start },
    { phase: 'unlock', ms: unlocked - restored },
    { phase: 'device-verify', ms: performance.now() - unlocked },
  ];
}

/** Those that do not run yet; one that has ended in the meantime needs nothing. */
async function dueOf(
  tools: GpuTools,
  returns: readonly DeviceReturn[],
  signal: AbortSignal,
): Promise<readonly DeviceReturn[]> {
  const found = returns.map(async (one) => {
    if (!(await isAlive(one.use))) return undefined;
    return (await settledState(tools, one.use, signal)) === 'running' ? undefined : one;
  });
  return (await Promise.all(found)).filter((one) => one !== undefined);
}

/**
 * A restore that the driver cannot finish for want of memory can never be tried again with this process (NVIDIA/cuda-checkpoint#44).
 * Errors: GRIT_DEVICE_BUSY.
 */
async function checkFreeMemory({ nvml }: GpuTools, uses: readonly DeviceUse[], signal: AbortSignal): Promise<void> {
  if (uses.length > 0) checkRoom(await nvml.gpus(signal), uses);
}

/** Errors: GRIT_DEVICE_BUSY naming the GPU. A process on several GPUs is taken to need an equal part of each. */
export function checkRoom(gpus: readonly Gpu[], uses: readonly Pick<DeviceUse, 'devices' | 'bytes'>[]): void {
  for (const { uuid, name, freeBytes } of gpus) {
    const needed = uses
      .filter(({ devices }) => devices.includes(uuid))
      .reduce((sum, { bytes, devices }) => sum + bytes / devices.length, 0);
    if (needed <= freeBytes) continue;
    const mib = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
    throw new GritError(
      'GRIT_DEVICE_BUSY',
      `${name} (${uuid}) has ${mib(freeBytes)} MiB free, the processes need ${mib(needed)} MiB`,
      { hint: 'Wait until others have left this GPU, or restore on another node.' },
    );
  }
}

type Returning = DeviceUse & Pick<DeviceReturn, 'map'>;

async function restoreOne(tools: GpuTools, use: Returning, signal: AbortSignal): Promise<void> {
  const state = await settledState(tools, use, signal);
  if (state === 'failed') throw new Error('the driver says that it failed');
  if (state !== 'checkpointed') return;
  const pairs: readonly GpuPair[] = Object.entries(use.map).map(([from, to]) => ({ from, to }));
  await tools.cuda.restore(use.pid, pairs, signal);
}

async function unlockOne(tools: GpuTools, use: DeviceUse, signal: AbortSignal): Promise<void> {
  if ((await settledState(tools, use, signal)) === 'locked') await tools.cuda.unlock(use.pid, signal);
}

/** CRIU and the driver have both said that all is well; what counts is what the process says. */
async function checkRunning(tools: GpuTools, use: DeviceUse, signal: AbortSignal): Promise<void> {
  const state = await settledState(tools, use, signal);
  if (state !== 'running') throw new Error(`after the restore its state is ${state}`);
}

async function orLost(use: DeviceUse, signal: AbortSignal, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (cause) {
    if (signal.aborted || !isFinal(cause)) throw cause;
    if (await isAlive(use)) throw lost([use], (cause as Error).message, cause);
  }
}
