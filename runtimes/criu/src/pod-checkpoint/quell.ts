// SPDX-License-Identifier: Apache-2.0
import { cgroupVersion } from '../cgroup/container-cgroup.js';
import { readTextIfThere } from '../files/sealed-json.js';
import { sendSignal } from '../process/process-facts.js';
import type { PodHold } from './pod-hold.js';

const SIGCONT_BIT = 1n << 17n;

/**
 * Those of the frozen processes that can be kept from going on when somebody else thaws them. With control groups v1 runc does so to end a
 * container: its first process is dead at once, the others run on until the kernel gets to them, and do work that is done again elsewhere. A stop
 * that is pending takes them before they do anything. Left out: the first processes, and those which would see how it is taken back.
 */
export async function quellable(
  pids: readonly number[],
  hold: Pick<PodHold, 'containers' | 'stopped'>,
): Promise<readonly number[]> {
  if ((await cgroupVersion()) === 'v2') return [];
  const first = hold.containers.map(({ pid }) => pid);
  const others = pids.filter((pid) => !first.includes(pid) && !hold.stopped.includes(pid));
  const found = await Promise.all(others.map(async (pid) => ((await ignoresContinue(pid)) ? pid : undefined)));
  return found.filter((pid) => pid !== undefined);
}

/** To be noted in the hold before. */
export function quell(pids: readonly number[]): void {
  for (const pid of pids) sendSignal(pid, 'SIGSTOP');
}

/** Takes it back, before they are thawed: the kernel forgets a stop that is pending, and nothing else is seen of it. */
export function unquell({ quelled = [] }: Pick<PodHold, 'quelled'>): void {
  for (const pid of quelled) sendSignal(pid, 'SIGCONT');
}

async function ignoresContinue(pid: number): Promise<boolean> {
  const status = await readTextIfThere(`/proc/${pid}/status`);
  if (status === undefined) return false;
  const masks = [...status.matchAll(/^(?:SigBlk|SigCgt):\s+([0-9a-f]+)$/gm)].map(([, mask]) =>
    BigInt(`0x${mask ?? ''}`),
  );
  return masks.length === 2 && masks.every((mask) => (mask & SIGCONT_BIT) === 0n);
}
