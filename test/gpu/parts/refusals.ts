// SPDX-License-Identifier: Apache-2.0
// What the driver answers when it must say no; the process must be none the worse for it.
import assert from 'node:assert/strict';
import type { Bed } from '../bed.js';
import { checkCount } from '../count-checksum.js';
import { giveGpu, LOCK_TIMEOUT_MS, takeGpu } from '../device-steps.js';

const MIB = 4;

export async function askForRefusals(bed: Bed): Promise<void> {
  const { calls, report } = bed.ground;
  await report.test('refusal: a process without CUDA', async (signal) => {
    const job = bed.start('sleep', ['/bin/sleep', '600'], {});
    try {
      assert.equal(await calls.restoreThread(job.pid, signal), undefined);
      return await refused(calls.lock(job.pid, 1_000, signal), ['CUDA_ERROR_INVALID_VALUE']);
    } finally {
      job.kill();
    }
  });
  await report.test('refusal: a pid that nobody has', async (signal) => {
    const job = bed.start('true', ['/bin/true'], {});
    await job.untilGone(signal);
    return await refused(calls.lock(job.pid, 1_000, signal), [], 'lock');
  });
  await report.test('refusal: calls in the wrong state', async (signal) => {
    const job = await bed.startCount(MIB);
    const wrong = ['CUDA_ERROR_ILLEGAL_STATE'];
    try {
      await job.untilLines('step', 3, signal);
      await refused(calls.checkpoint(job.pid, signal), wrong, 'checkpoint while running');
      await refused(calls.unlock(job.pid, signal), wrong, 'unlock while running');
      await refused(calls.restore(job.pid, [], signal), wrong, 'restore while running');
      await takeGpu(calls, job.pid, signal);
      await refused(calls.lock(job.pid, LOCK_TIMEOUT_MS, signal), wrong, 'lock while checkpointed');
      await refused(calls.unlock(job.pid, signal), wrong, 'unlock while checkpointed');
      await giveGpu(calls, job.pid, [], signal);
      const before = (await job.lines('step')).length;
      checkCount(await job.untilLines('step', before + 2, signal), MIB);
      return 'and the process goes on';
    } finally {
      await bed.end(job);
    }
  });
  await report.test('refusal: lock while a kernel runs for longer than the timeout', async (signal) => {
    // Far longer than the timeout, and shorter than a watchdog of a GPU with a screen lets a kernel run.
    const busyMs = 4_000;
    const job = await bed.startCount(MIB, busyMs);
    try {
      await job.untilLines('busy', 2, signal);
      const answer = await refused(calls.lock(job.pid, 300, signal), ['CUDA_ERROR_NOT_READY']);
      assert.equal(await calls.state(job.pid, signal), 'running', 'state after a lock that timed out');
      await takeGpu(calls, job.pid, signal);
      await giveGpu(calls, job.pid, [], signal);
      const before = (await job.lines('step')).length;
      checkCount(await job.untilLines('step', before + 1, signal), MIB);
      return `${answer}; a lock that waits for the kernel is granted`;
    } finally {
      await bed.end(job);
    }
  });
}

/** Checks that a call was refused by the driver, with one of the answers where it is documented which. */
async function refused(call: Promise<void>, names: readonly string[], what = 'the call'): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error) || !('resultName' in error)) throw error;
    const answer = String(error.resultName);
    assert.ok(
      names.length === 0 || names.includes(answer),
      `${what} was answered with ${answer} instead of ${names.join(' or ')}`,
    );
    return answer;
  }
  throw new Error(`${what} was granted`);
}
