// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceUse, Timing } from '@grit/plugin-api';
import type { CudaState } from '../cuda/checkpoint-api.js';
import type { GpuTools } from './gpu-tools.js';
import { runInLanes } from './lanes.js';
import { isAlive, isFinal, lost } from './process-state.js';

/** How often a process that the driver is still at work on is looked at; later drivers say so. */
const LOOK_MS = 20;

/** A process that cannot go on, and why. */
interface Loss {
  readonly use: DeviceUse;
  readonly why: string;
  readonly cause: unknown;
}

/** See DeviceDriver.resume: each is asked for its state, all of them are tried. */
export async function resume(
  tools: GpuTools,
  uses: readonly DeviceUse[],
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  const losses: Loss[] = [];
  const orLost = async (use: DeviceUse, step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (cause) {
      if (signal.aborted) throw cause;
      if (await isAlive(use)) losses.push({ use, why: (cause as Error).message, cause });
    }
  };
  const start = performance.now();
  await runInLanes(uses, async (use) => orLost(use, async () => restoreOne(tools, use, signal)));
  const restored = performance.now();
  // Together again: one that goes on alone would wait for the others, and a second checkpoint for it.
  await Promise.all(
    uses
      .filter((use) => !losses.some((loss) => loss.use === use))
      .map(async (use) => orLost(use, async () => unlockOne(tools, use, signal))),
  );
  const retryable = losses.find(({ cause }) => !isFinal(cause));
  if (retryable !== undefined) throw retryable.cause;
  const [first] = losses;
  if (first !== undefined) {
    throw lost(
      losses.map(({ use }) => use),
      first.why,
      first.cause,
    );
  }
  return [
    { phase: 'device-restore', ms: restored - start },
    { phase: 'unlock', ms: performance.now() - restored },
  ];
}

async function restoreOne(tools: GpuTools, use: DeviceUse, signal: AbortSignal): Promise<void> {
  if (!(await isAlive(use))) return;
  const state = await settledState(tools, use, signal);
  if (state === 'failed') throw new Error('the driver says that it failed');
  if (state === 'checkpointed') await tools.cuda.restore(use.pid, [], signal);
}

async function unlockOne(tools: GpuTools, use: DeviceUse, signal: AbortSignal): Promise<void> {
  if (!(await isAlive(use))) return;
  if ((await settledState(tools, use, signal)) === 'locked') await tools.cuda.unlock(use.pid, signal);
}

/** The state when the driver has done what another caller, who is gone, had asked for. */
export async function settledState({ cuda }: GpuTools, { pid }: DeviceUse, signal: AbortSignal): Promise<CudaState> {
  for (;;) {
    const state = await cuda.state(pid, signal);
    if (state !== 'checkpointing' && state !== 'restoring') return state;
    await delay(LOOK_MS, undefined, { signal });
  }
}
