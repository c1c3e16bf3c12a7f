// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import type { DeviceUse } from '@grit/plugin-api';
import { eventually } from '../cuda/eventually.js';
import { eachWithJob } from './each-with-job.js';
import { useOf, type Job } from './job.js';

const signal = new AbortController().signal;
const LOCK_MS = 60_000;

describe('processes that end, and threads, under a quiesce of GPUs', function () {
  this.timeout(180_000);
  let job: Job;
  let uses: readonly DeviceUse[];

  eachWithJob(2, (started, itsUses) => {
    job = started;
    uses = itsUses;
  });

  it('one ends while it is locked: the quiesce says so, the other goes on', async () => {
    const [first, second] = uses as [DeviceUse, DeviceUse];
    for (const { pid } of uses) await job.cuda.lock(pid, LOCK_MS, signal);
    await job.counters[0]!.end();
    await assert.rejects(job.driver.quiesce(uses, signal), {
      code: 'GRIT_DEVICE_FAILED',
      message: `pid ${first.pid} ended while its GPU was being quiesced`,
    });
    await job.counters[1]!.goesOn();
    assert.equal(await job.cuda.state(second.pid, signal), 'running');
  });

  it('one ends while it is quiet: the other is resumed', async () => {
    await job.driver.quiesce(uses, signal);
    await job.counters[0]!.end();
    await job.driver.resume(uses, signal);
    await job.counters[1]!.goesOn();
  });

  it('one has ended before its restore: it needs none', async () => {
    await job.driver.quiesce(uses, signal);
    await job.counters[0]!.end();
    await job.driver.restore(job.swapped(uses), signal);
    await job.counters[1]!.goesOn();
  });

  it('what calls the driver is killed in the middle of a checkpoint: all is taken back', async () => {
    const { pid } = uses[0]!;
    await job.sim.set({ callMs: { checkpoint: 1_000 } });
    const quiesced = assert.rejects(job.driver.quiesce(uses, signal), { code: 'GRIT_DEVICE_FAILED' });
    await eventually('the driver is at work', async () => (await job.cuda.state(pid, signal)) === 'checkpointing');
    for (const proxy of await proxiesOf(job)) process.kill(proxy, 'SIGKILL');
    await quiesced;
    await job.allGoOn();
  });

  it('discover finds whole processes only', async () => {
    const agent = job.nextAgent();
    const found = await agent.discover([...uses, await useOf(process.pid, [])], signal);
    assert.deepEqual(
      found.map(({ pid }) => pid),
      uses.map(({ pid }) => pid),
    );
    await job.allGoOn();
  });

  it('a thread is refused before the driver hears of it', async () => {
    const [use] = uses as [DeviceUse];
    const agent = job.nextAgent();
    const pid = await job.cuda.restoreThread(use.pid, signal);
    assert.ok(pid !== undefined && pid !== use.pid);
    const thread = await useOf(pid, use.devices);
    await assert.rejects(agent.discover([thread], signal), { code: 'GRIT_REQUEST_INVALID' });
    await assert.rejects(agent.quiesce([thread], signal), { code: 'GRIT_REQUEST_INVALID' });
    await job.allGoOn();
  });
});

/** The children of this process that call the driver of this simulated node. */
async function proxiesOf({ sim }: Job): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    const read = async (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const isChild = new RegExp(`^PPid:\\s*${process.pid}$`, 'm').test(await read('status'));
    const isProxy = isChild && (await read('cmdline')).includes('driver-proxy-main');
    return isProxy && (await read('environ')).split('\0').includes(`SIMGPU_DIR=${sim.directory}`) ? [Number(pid)] : [];
  });
  return (await Promise.all(found)).flat();
}
