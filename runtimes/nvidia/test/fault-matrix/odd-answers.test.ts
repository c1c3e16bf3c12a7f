// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { DeviceUse } from '@grit/plugin-api';
import { eachWithJob } from './each-with-job.js';
import type { Job } from './job.js';

const signal = new AbortController().signal;
const FOR_EVER = 0;

describe('answers of the GPU driver that are not true, or never come', function () {
  this.timeout(180_000);
  let job: Job;
  let uses: readonly DeviceUse[];
  let pid: number;

  eachWithJob(2, (started, itsUses) => {
    job = started;
    uses = itsUses;
    ({ pid } = uses[1]!);
  });

  it('a state that is never said: nothing is locked', async () => {
    await job.sim.inject({ call: 'state', result: 304, pid, count: FOR_EVER });
    await assert.rejects(job.driver.quiesce(uses, signal), { code: 'GRIT_DEVICE_FAILED' });
    await job.allGoOn();
  });

  it('a state that is never said again: all go on', async () => {
    await job.driver.quiesce(uses, signal);
    await job.sim.inject({ call: 'state', result: 304, pid, count: FOR_EVER });
    await job.driver.resume(uses, signal);
    await job.allGoOn();
    // They are in order: the actions that it tries are refused.
    await job.driver.resume(uses, signal);
    await job.allGoOn();
  });

  it('a state that is never said after a restore: all run, but nobody has seen it', async () => {
    await job.driver.quiesce(uses, signal);
    await job.sim.inject({ call: 'state', result: 304, pid, count: FOR_EVER });
    await assert.rejects(job.driver.restore(job.swapped(uses), signal), { code: 'GRIT_DEVICE_FAILED' });
    await job.allGoOn();
  });

  for (const call of ['lock', 'checkpoint'] as const) {
    it(`a ${call} that was carried out and is said to have failed is taken back`, async () => {
      await job.sim.inject({ call, result: 304, pid, after: true });
      await assert.rejects(job.driver.quiesce(uses, signal), { code: 'GRIT_DEVICE_FAILED' });
      await job.allGoOn();
    });
  }

  it('an unlock that was carried out and is said to have failed', async () => {
    await job.driver.quiesce(uses, signal);
    await job.sim.inject({ call: 'unlock', result: 304, pid, after: true });
    await job.driver.resume(uses, signal);
    await job.allGoOn();
  });

  it('a restore that is said to have failed is not trusted, whatever the state', async () => {
    await job.driver.quiesce(uses, signal);
    await job.sim.inject({ call: 'restore', result: 304, pid, after: true });
    await assert.rejects(job.driver.resume(uses, signal), { code: 'GRIT_DEVICE_LOST', details: { pids: [pid] } });
    await job.counters[0]!.goesOn();
    assert.equal(await job.cuda.state(pid, signal), 'locked');
  });

  it('a restore for which there was no room is lost for ever, and said to be so each time', async () => {
    await job.driver.quiesce(uses, signal);
    await job.sim.inject({ call: 'restore', result: 2, pid });
    for (let times = 0; times < 2; times++) {
      await assert.rejects(job.driver.resume(uses, signal), { code: 'GRIT_DEVICE_LOST', details: { pids: [pid] } });
    }
    await job.counters[0]!.goesOn();
  });

  it('two that cannot go on are both named', async () => {
    await job.driver.quiesce(uses, signal);
    await job.sim.inject({ call: 'restore', result: 304, count: 2 });
    const pids = uses.map((use) => use.pid);
    await assert.rejects(job.driver.restore(job.swapped(uses), signal), (error: { details?: { pids: number[] } }) => {
      assert.deepEqual([...(error.details?.pids ?? [])].sort(), pids.sort());
      return true;
    });
  });
});
