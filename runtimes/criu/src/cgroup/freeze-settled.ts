// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';
import { readTextIfThere } from '../files/sealed-json.js';

const LIMIT_MS = 10_000;
/** Where the kernel waits for a vfork child, by version. */
const VFORK_WAITS = ['kernel_clone', 'wait_for_vfork_done', '_do_fork'];

/** Processes that are frozen together. */
export interface Freezable {
  /** Returns when none of them runs. */
  freeze(signal: AbortSignal): Promise<void>;
  thaw(): Promise<void>;
  pids(): Promise<readonly number[]>;
}

/**
 * Freezes at a moment when nobody is in the middle of a vfork: its parent cannot be stopped by CRIU before the child
 * has called exec, which a stopped child never does. The moment passes in microseconds, so the group runs on and is
 * frozen again. Returns the frozen processes.
 */
export async function freezeSettled(group: Freezable, signal: AbortSignal): Promise<readonly number[]> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    await group.freeze(signal);
    const pids = await group.pids();
    const waiting = await vforkParent(pids);
    if (waiting === undefined) return pids;
    if (performance.now() > end) {
      throw new GritError('GRIT_DUMP_FAILED', `pid ${waiting} waits for a vfork child that does not call exec`, {
        hint: 'Try again when the child has started its program.',
        details: { pid: waiting },
      });
    }
    await group.thaw();
    await delay(2);
  }
}

async function vforkParent(pids: readonly number[]): Promise<number | undefined> {
  const waits = await Promise.all(pids.map(waitsForVfork));
  return pids[waits.indexOf(true)];
}

async function waitsForVfork(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const places = await Promise.all(threads.map(async (thread) => readTextIfThere(`/proc/${pid}/task/${thread}/wchan`)));
  return places.some((place) => VFORK_WAITS.includes(place ?? ''));
}
