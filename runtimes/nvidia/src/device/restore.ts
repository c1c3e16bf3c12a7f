// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceReturn, type DeviceUse, type Timing } from '@grit/plugin-api';
import type { Gpu } from '../nvml/gpus.js';
import { bringBack, settledState } from './bring-back.js';
import type { GpuTools } from './gpu-tools.js';
import { homesOf, movedBy, type Lodger } from './lodger.js';
import { Losses } from './losses.js';
import { isAlive } from './process-state.js';

/** See DeviceDriver.restore. */
export async function restore(
  tools: GpuTools,
  returns: readonly DeviceReturn[],
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  const due = await dueOf(tools, returns, signal);
  await checkFreeMemory(tools, due, signal);
  const losses = new Losses(signal);
  const timings = await bringBack(tools, due, losses, 'all-or-none', signal);
  const start = performance.now();
  const good = due.map(({ use }) => use).filter((use) => !losses.has(use));
  await Promise.all(good.map(async (use) => verify(tools, use, losses, signal)));
  losses.throwIfAny();
  return [...timings, { phase: 'device-verify', ms: performance.now() - start }];
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
async function checkFreeMemory(
  { nvml }: GpuTools,
  returns: readonly DeviceReturn[],
  signal: AbortSignal,
): Promise<void> {
  if (returns.length === 0) return;
  const there = returns.map(({ use, map }) => ({ bytes: use.bytes, ...movedBy(use, map) }));
  checkRoom(await nvml.gpus(signal), there);
}

/** Errors: GRIT_DEVICE_BUSY naming the GPU. A process on several GPUs is taken to need an equal part of each. */
export function checkRoom(gpus: readonly Gpu[], uses: readonly (Lodger & Pick<DeviceUse, 'bytes'>)[]): void {
  for (const { uuid, name, freeBytes } of gpus) {
    const needed = uses
      .filter((use) => homesOf(use).includes(uuid))
      .reduce((sum, use) => sum + use.bytes / homesOf(use).length, 0);
    if (needed <= freeBytes) continue;
    const mib = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
    throw new GritError(
      'GRIT_DEVICE_BUSY',
      `${name} (${uuid}) has ${mib(freeBytes)} MiB free, the processes need ${mib(needed)} MiB`,
      { hint: 'Wait until others have left this GPU, or restore on another node.' },
    );
  }
}

/** CRIU and the driver have both said that all is well; what counts is what the process says, and that it is there to say it. */
async function verify(tools: GpuTools, use: DeviceUse, losses: Losses, signal: AbortSignal): Promise<void> {
  await losses.unless(use, async () => {
    const state = await settledState(tools, use, signal);
    if (state === 'running') return;
    if (state !== undefined) throw new Error(`after the restore its state is ${state}`);
    throw new GritError('GRIT_DEVICE_FAILED', `the driver does not say whether pid ${use.pid} runs after its restore`);
  });
  await losses.addIfEnded(use);
}
