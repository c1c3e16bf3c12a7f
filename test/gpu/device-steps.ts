// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { CheckpointApi, GpuPair } from '@grit/runtime-nvidia';
import { timed } from './figures.js';

/** How long the work of a workload may take to end, milliseconds. */
export const LOCK_TIMEOUT_MS = 30_000;

/** What each of the four calls took, milliseconds. */
export interface CallTimes {
  readonly lock: number;
  readonly checkpoint: number;
  readonly restore: number;
  readonly unlock: number;
}

/** Takes the GPU from a process: lock and checkpoint, with the state after each. */
export async function takeGpu(
  calls: CheckpointApi,
  pid: number,
  signal: AbortSignal,
): Promise<Pick<CallTimes, 'lock' | 'checkpoint'>> {
  const lock = await timed(() => calls.lock(pid, LOCK_TIMEOUT_MS, signal));
  assert.equal(await calls.state(pid, signal), 'locked', 'state after lock');
  const checkpoint = await timed(() => calls.checkpoint(pid, signal));
  assert.equal(await calls.state(pid, signal), 'checkpointed', 'state after checkpoint');
  return { lock, checkpoint };
}

/** Gives it one back: restore and unlock, with the state after each. */
export async function giveGpu(
  calls: CheckpointApi,
  pid: number,
  pairs: readonly GpuPair[],
  signal: AbortSignal,
): Promise<Pick<CallTimes, 'restore' | 'unlock'>> {
  const restore = await timed(() => calls.restore(pid, pairs, signal));
  assert.equal(await calls.state(pid, signal), 'locked', 'state after restore');
  const unlock = await timed(() => calls.unlock(pid, signal));
  assert.equal(await calls.state(pid, signal), 'running', 'state after unlock');
  return { restore, unlock };
}

/** Makes a process run again that somebody left locked or checkpointed. */
export async function bringBack(calls: CheckpointApi, pid: number, signal: AbortSignal): Promise<void> {
  const state = await calls.state(pid, signal);
  if (state === 'checkpointed') await calls.restore(pid, [], signal);
  if (state === 'checkpointed' || state === 'locked') await calls.unlock(pid, signal);
}
