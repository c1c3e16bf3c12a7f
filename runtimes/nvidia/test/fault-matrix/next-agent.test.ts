// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { DeviceUse } from '@grit/plugin-api';
import { eventually } from '../cuda/eventually.js';
import { eachWithJob } from './each-with-job.js';
import type { Job } from './job.js';

const signal = new AbortController().signal;
const LOCK_MS = 60_000;

/** All that the next agent has is what was noted, and what the driver says of the processes. */
describe('an agent that ends in the middle of a quiesce', function () {
  this.timeout(180_000);
  let job: Job;
  let uses: readonly DeviceUse[];

  eachWithJob(3, (started, itsUses) => {
    job = started;
    uses = itsUses;
  });

  /** Ends what the agent had at work, as its own end does. */
  async function resumeByNext(noted = uses): Promise<void> {
    await job.proxies.close();
    await job.nextAgent().resume(JSON.parse(JSON.stringify(noted)) as readonly DeviceUse[], signal);
  }

  async function lock(...indices: readonly number[]): Promise<void> {
    await Promise.all(indices.map(async (index) => job.cuda.lock(uses[index]!.pid, LOCK_MS, signal)));
  }

  it('before all are locked', async () => {
    await lock(1);
    await resumeByNext();
    await job.allGoOn();
  });

  it('between lock and checkpoint', async () => {
    await lock(0, 1, 2);
    await resumeByNext();
    await job.allGoOn();
  });

  it('between two checkpoints', async () => {
    await lock(0, 1, 2);
    await job.cuda.checkpoint(uses[0]!.pid, signal);
    await resumeByNext();
    await job.allGoOn();
  });

  it('between checkpoint and freeze', async () => {
    await job.driver.quiesce(uses, signal);
    await resumeByNext();
    await job.allGoOn();
  });

  it('in the middle of a rollback', async () => {
    await job.driver.quiesce(uses, signal);
    const [first, second] = uses.map(({ pid }) => pid) as [number, number];
    await job.cuda.restore(first, [], signal);
    await job.cuda.unlock(first, signal);
    await job.cuda.restore(second, [], signal);
    await resumeByNext();
    await job.allGoOn();
  });

  it('in a checkpoint, which the driver ends all the same', async () => {
    const { pid } = uses[0]!;
    await job.sim.set({ callMs: { checkpoint: 1_000 } });
    await lock(0, 1, 2);
    const cutOff = assert.rejects(job.cuda.checkpoint(pid, signal), { code: 'GRIT_DEVICE_FAILED' });
    await eventually('the driver is at work', async () => (await job.cuda.state(pid, signal)) === 'checkpointing');
    await resumeByNext();
    await cutOff;
    await job.allGoOn();
  });

  it('a process that has ended since needs nothing, nor does another one with its pid', async () => {
    await job.driver.quiesce(uses, signal);
    await job.counters[0]!.end();
    const [gone, other, last] = uses as [DeviceUse, DeviceUse, DeviceUse];
    await resumeByNext([gone, { ...other, startTime: '1' }, last]);
    await job.counters[2]!.goesOn();
    assert.equal(await job.cuda.state(other.pid, signal), 'checkpointed');
  });

  it('the next one may be asked twice, and two of them at once', async () => {
    await job.driver.quiesce(uses, signal);
    await job.sim.set({ callMs: { restore: 300 } });
    await Promise.all([job.nextAgent().resume(uses, signal), job.nextAgent().resume(uses, signal)]);
    await resumeByNext();
    await job.allGoOn();
  });
});
