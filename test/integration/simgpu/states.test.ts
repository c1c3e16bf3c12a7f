// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SimGpu, type SimFault } from '../../fixtures/simgpu/index.js';
import { until } from '../machine/until.js';
import { CheckpointCaller } from './checkpoint-caller.js';
import { Counting } from './counting.js';
import { missingParts } from './missing-parts.js';

describe('the simulated GPU: the checkpoint calls', function () {
  this.timeout(60_000);
  let folder: string;
  let gpu: SimGpu;
  let caller: CheckpointCaller;
  let counting: Counting;

  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    folder = await mkdtemp('/var/tmp/grit-simgpu-test-');
    gpu = await SimGpu.start({ gpus: 2, memoryMib: 16 });
    caller = new CheckpointCaller([gpu]);
    counting = await (await Counting.start(gpu, join(folder, 'out'))).ready();
  });
  afterEach(async () => {
    counting.kill();
    await counting.ended;
    await gpu.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('go through the states, and the work goes on as if nothing had been', async () => {
    const { pid } = counting;
    await counting.reaches(3);
    assert.equal(
      (await counting.devices(gpu.directory)).length,
      5,
      'the control node, two GPUs, the channel and its mapping',
    );
    assert.deepEqual(await caller.calls(pid, 'state', 'lock', 'state', 'checkpoint', 'state'), [
      '0 0',
      '0',
      '0 1',
      '0',
      '0 2',
    ]);
    assert.deepEqual(await counting.devices(gpu.directory), []);
    const there = (await counting.steps()).length;
    assert.deepEqual(await gpu.processes(), [{ pid, state: 'checkpointed', bytes: 0, gpus: [] }]);
    assert.deepEqual(await caller.calls(pid, 'restore', 'state'), ['0', '0 1']);
    assert.equal((await counting.steps()).length, there, 'locked: it does not go on yet');
    assert.deepEqual(await caller.calls(pid, 'unlock', 'state'), ['0', '0 0']);
    await counting.goesOn();
  });

  it('refuse a wrong state and a process without CUDA', async () => {
    const { pid } = counting;
    assert.deepEqual(await caller.calls(pid, 'checkpoint', 'restore', 'unlock'), ['401', '401', '401']);
    assert.deepEqual(await caller.calls(pid, 'lock', 'lock', 'restore'), ['0', '401', '401']);
    assert.deepEqual(await caller.calls(process.pid, 'tid', 'state', 'lock'), ['1', '1', '1']);
    assert.deepEqual(await caller.calls(pid, 'unlock'), ['0']);
    await counting.goesOn();
  });

  it('name the restore thread, and spoil the process when they are given a thread', async () => {
    const { pid } = counting;
    const [, tid] = (await caller.call('tid', pid)).split(' ');
    assert.equal(await readFile(`/proc/${pid}/task/${tid!}/comm`, 'utf8'), 'cuda-EvtHandlr\n');
    assert.ok((await readdir(`/proc/${pid}/task`)).includes(tid!));
    assert.equal(await caller.call('lock', Number(tid)), '0');
    assert.equal(await caller.call('state', pid), '0 3');
  });

  it('wait while the process is stopped', async () => {
    process.kill(counting.pid, 'SIGSTOP');
    const events: string[] = [];
    const asked = caller.call('state', counting.pid).then((answer) => events.push(answer));
    await caller.call('tid', counting.pid);
    events.push('goes on');
    process.kill(counting.pid, 'SIGCONT');
    await asked;
    assert.deepEqual(events, ['goes on', '0 0']);
  });

  it('fail as a test wants it', async () => {
    const { pid } = counting;
    const faults: readonly SimFault[] = [
      { call: 'lock', result: 304 },
      { call: 'lock', result: 600, after: true, pid },
    ];
    for (const fault of faults) await gpu.inject(fault);
    assert.deepEqual(await caller.calls(pid, 'lock', 'state', 'lock', 'state'), ['304', '0 0', '600', '0 1']);
    await gpu.inject({ call: 'state', result: 'hang' });
    const limit = new AbortController();
    const hanging = caller.call('state', pid, [], limit.signal);
    await until('the fault is taken', async () => (await gpu.armed()) === 0);
    assert.equal(await caller.call('state', pid), '0 1');
    limit.abort();
    await assert.rejects(hanging, { name: 'AbortError' });
    await gpu.inject({ call: 'unlock', result: 0, kill: true });
    assert.equal(await caller.call('unlock', pid), '304');
    await counting.ended;
    await until('its memory is free', async () => (await gpu.processes()).length === 0);
    assert.equal((await gpu.devices())[0]!.freeBytes, 16 << 20);
  });
});
