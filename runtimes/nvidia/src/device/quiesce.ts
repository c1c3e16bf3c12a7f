// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceUse, type QuiescedDevices } from '@grit/plugin-api';
import { toGritError } from '../cuda/to-grit-error.js';
import { DRIVER_ID, toData } from './gpu-record.js';
import type { GpuTools } from './gpu-tools.js';
import { allOrFirst, runInLanes } from './lanes.js';
import { isAlive } from './process-state.js';
import { resume } from './resume.js';

/** Of the caller that has given up: what is begun is taken back by `resume`, in its own time. */
const NEVER = new AbortController().signal;

/** See DeviceDriver.quiesce. */
export async function quiesce(
  tools: GpuTools,
  uses: readonly DeviceUse[],
  signal: AbortSignal,
): Promise<QuiescedDevices> {
  // Before anything is locked: all of them may take a while.
  const [driverVersion, gpus] = await Promise.all([
    tools.nvml.driverVersion(signal),
    tools.nvml.gpus(signal),
    tools.cuda.prepare(uses.length, signal),
  ]);
  const seen = new Set(uses.flatMap(({ devices }) => devices));
  const data = toData({ driverVersion, gpus: gpus.filter(({ uuid }) => seen.has(uuid)) });
  const start = performance.now();
  let locked = start;
  try {
    await lockAll(tools, uses, signal);
    locked = performance.now();
    await runInLanes(uses, async (use) => checkpointOne(tools, use, signal));
  } catch (cause) {
    if (signal.aborted) throw new GritError('GRIT_ABORTED', 'the caller gave up', { cause });
    await resume(tools, uses, NEVER);
    throw await blame(uses, cause);
  }
  return {
    record: {
      driver: DRIVER_ID,
      uses: uses.map(({ pid: _pid, startTime: _startTime, ...use }) => use),
      data,
    },
    timings: [
      { phase: 'lock', ms: locked - start },
      { phase: 'device-checkpoint', ms: performance.now() - locked },
    ],
  };
}

/**
 * All at once: a rank that waits for the others in a collective comes to rest only when they are being locked too. One after the other each waits
 * for one that is locked already.
 */
async function lockAll(tools: GpuTools, uses: readonly DeviceUse[], signal: AbortSignal): Promise<void> {
  const lock = async ({ pid }: DeviceUse): Promise<void> => {
    const state = await tools.cuda.state(pid, signal);
    if (state === 'locked' || state === 'checkpointed') return;
    await tools.cuda.lock(pid, tools.lockTimeoutMs, signal);
  };
  if (tools.lockOrder !== 'serial') return allOrFirst(uses.map(lock));
  for (const use of uses) await lock(use);
}

async function checkpointOne({ cuda }: GpuTools, { pid }: DeviceUse, signal: AbortSignal): Promise<void> {
  if ((await cuda.state(pid, signal)) === 'checkpointed') return;
  await cuda.checkpoint(pid, signal);
}

/** A process that has ended by itself is the better explanation. */
async function blame(uses: readonly DeviceUse[], cause: unknown): Promise<GritError> {
  for (const use of uses) {
    if (await isAlive(use)) continue;
    return new GritError('GRIT_DEVICE_FAILED', `pid ${use.pid} ended while its GPU was being quiesced`, {
      hint: 'Look into the log of the workload; the other processes go on.',
      cause,
    });
  }
  return toGritError(cause);
}
