// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkloadRecord } from '@grit/core';
import type { Session } from '../platform/session.js';

const ASK_EVERY_MS = 200;
/** What a shell shows for a process ended by SIGTERM: a workload that was stopped has no result. */
const EXIT_STOPPED = 143;

/** True when nothing of the workload runs and no operation is about to bring it back. */
export function hasEnded({ state, busy }: Pick<WorkloadRecord, 'state' | 'busy'>): boolean {
  return busy === undefined && (state === 'exited' || state === 'stopped' || state === 'missing');
}

/** The workload's own exit code; 143 when it was stopped or lost and so has none. */
export function exitCodeOfWorkload({ exitCode }: Pick<WorkloadRecord, 'exitCode'>): number {
  return exitCode ?? EXIT_STOPPED;
}

/** Returns the record of a workload once it has ended. */
export async function waitForEnd(session: Session, name: string): Promise<WorkloadRecord> {
  const { signal } = new AbortController();
  for (;;) {
    const record = await session.call((api) => api.getWorkload(name, signal));
    if (hasEnded(record)) return record;
    await delay(ASK_EVERY_MS);
  }
}
