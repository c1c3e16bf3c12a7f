// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceReturn, DeviceUse, Timing } from '@grit/plugin-api';
import type { CudaState } from '../cuda/checkpoint-api.js';
import { CudaError } from '../cuda/cuda-error.js';
import { ILLEGAL_STATE } from '../cuda/cuda-results.js';
import type { GpuTools } from './gpu-tools.js';
import { runInLanes } from './lanes.js';
import { movedBy } from './lodger.js';
import type { Losses } from './losses.js';
import { isAlive } from './process-state.js';

/** How often a process that the driver is still at work on is looked at; later drivers say so. */
const LOOK_MS = 20;

/**
 * Restores and unlocks those that need it, judged by what the driver says of each. All are tried: the failed ones are in `losses`.
 * @param goOn - whether those that failed keep the others from going on; then this throws, see Losses.throwIfAny
 */
export async function bringBack(
  tools: GpuTools,
  returns: readonly DeviceReturn[],
  losses: Losses,
  goOn: 'each' | 'all-or-none',
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  const start = performance.now();
  // In the lanes of the devices where they come to be.
  const there = returns.map(({ use, map }) => ({ use, map, ...movedBy(use, map) }));
  await runInLanes(there, async (one) => losses.unless(one.use, async () => restoreOne(tools, one, signal)));
  const restored = performance.now();
  if (goOn === 'all-or-none') {
    // Whose image is restored once more must not have gone on: it would do the same things twice.
    await Promise.all(returns.map(async ({ use }) => losses.addIfEnded(use)));
    losses.throwIfAny();
  }
  // Together again: one that goes on alone would wait for the others, and a second checkpoint for it.
  const good = returns.map(({ use }) => use).filter((use) => !losses.has(use));
  await Promise.all(good.map(async (use) => losses.unless(use, async () => unlockOne(tools, use, signal))));
  return [
    { phase: 'device-restore', ms: restored - start },
    { phase: 'unlock', ms: performance.now() - restored },
  ];
}

/**
 * The state when the driver has done what another caller, who is gone, had asked for. Undefined: it does not say, which changes nothing for the process.
 * Errors: those of CheckpointApi.state without CudaError.
 */
export async function settledState(
  { cuda }: GpuTools,
  { pid }: DeviceUse,
  signal: AbortSignal,
): Promise<CudaState | undefined> {
  for (;;) {
    const state = await cuda.state(pid, signal).catch((error: unknown) => {
      if (error instanceof CudaError) return undefined;
      throw error;
    });
    if (state !== 'checkpointing' && state !== 'restoring') return state;
    await delay(LOOK_MS, undefined, { signal });
  }
}

async function restoreOne(tools: GpuTools, { use, map }: DeviceReturn, signal: AbortSignal): Promise<void> {
  const pairs = Object.entries(map).map(([from, to]) => ({ from, to }));
  await actIn(tools, 'checkpointed', use, signal, async () => tools.cuda.restore(use.pid, pairs, signal));
}

async function unlockOne(tools: GpuTools, use: DeviceUse, signal: AbortSignal): Promise<void> {
  try {
    await actIn(tools, 'locked', use, signal, async () => tools.cuda.unlock(use.pid, signal));
  } catch (error) {
    // Nothing is moved in an unlock: whoever runs after it has all that it had.
    if (!(error instanceof CudaError) || (await settledState(tools, use, signal)) !== 'running') throw error;
  }
}

/**
 * Acts on a process in that state. Where the state is not known it acts too: the driver refuses what the process is not in the state for. It refuses as
 * well when somebody else, who takes the same back, was faster.
 */
async function actIn(
  tools: GpuTools,
  wanted: CudaState,
  use: DeviceUse,
  signal: AbortSignal,
  action: () => Promise<void>,
): Promise<void> {
  if (!(await isAlive(use))) return;
  const state = await settledState(tools, use, signal);
  if (state === 'failed') throw new Error('the driver says that it failed');
  if (state !== undefined && state !== wanted) return;
  await action().catch(async (error: unknown) => {
    if (!(error instanceof CudaError && error.result === ILLEGAL_STATE)) throw error;
    if ((await settledState(tools, use, signal)) === wanted) throw error;
  });
}
