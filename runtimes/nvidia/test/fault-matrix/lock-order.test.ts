// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Job } from './job.js';
import { needSimGpu } from './need-sim-gpu.js';

const signal = new AbortController().signal;

describe('processes that wait for each other on their GPUs', function () {
  this.timeout(180_000);
  let job: Job;

  before(needSimGpu);
  beforeEach(async () => {
    job = await Job.start(2, (index) => ['--ranks', '2', '--rank', String(index), '--group', 'job']);
  });
  afterEach(async () => job.stop());

  it('locked one after the other they never come to rest; both go on after the timeout', async () => {
    const driver = job.driverWith({ lockOrder: 'serial', lockTimeoutMs: 2_500 });
    await assert.rejects(driver.quiesce(await job.uses(), signal), { code: 'GRIT_DEVICE_BUSY' });
    await job.allGoOn();
  });

  it('locked together they come to rest, and go on where they were', async () => {
    // So long that the requests meet, however slow this machine is.
    await job.sim.set({ callMs: { lock: 2_000 } });
    const uses = await job.uses();
    await job.driver.quiesce(uses, signal);
    for (const { pid } of uses) assert.equal(await job.cuda.state(pid, signal), 'checkpointed');
    await job.driver.resume(uses, signal);
    await job.allGoOn();
  });
});
