// SPDX-License-Identifier: Apache-2.0
import type { CheckpointApi } from '@grit/runtime-nvidia';
import type { Job } from './job.js';

const PATIENCE_MS = 30_000;

/**
 * Kills a workload, after its GPU was taken from it where that can be done: a driver is known (595.71) that hangs the machine
 * when a restored process is killed as it runs.
 */
export async function endJob(job: Job, calls: CheckpointApi): Promise<void> {
  if (!(await job.isAlive())) return;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    if ((await calls.restoreThread(job.pid, signal)) !== undefined) {
      const state = await calls.state(job.pid, signal);
      if (state === 'running') await calls.lock(job.pid, PATIENCE_MS / 2, signal);
      if (state === 'running' || state === 'locked') await calls.checkpoint(job.pid, signal);
    }
  } catch {
    // It is killed as it is.
  }
  job.kill();
  await job.untilGone(AbortSignal.timeout(PATIENCE_MS)).catch(() => undefined);
}
