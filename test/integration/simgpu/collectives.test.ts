// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SimGpu } from '../../fixtures/simgpu/index.js';
import { CheckpointCaller, mapOf } from './checkpoint-caller.js';
import { Counting } from './counting.js';
import { missingParts } from './missing-parts.js';

describe('the simulated GPU: ranks that wait for each other', function () {
  this.timeout(60_000);
  let folder: string;
  let gpu: SimGpu;
  let there: SimGpu;
  let caller: CheckpointCaller;
  const started: Counting[] = [];

  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    folder = await mkdtemp('/var/tmp/grit-simgpu-test-');
    gpu = await SimGpu.start();
    there = await SimGpu.start();
    caller = new CheckpointCaller([gpu, there]);
    await goTo(gpu);
  });
  afterEach(async () => {
    for (const counting of started) counting.kill();
    await Promise.all(started.splice(0).map(({ ended }) => ended));
    await Promise.all([gpu.stop(), there.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  async function goTo(node: SimGpu): Promise<void> {
    await symlink(node.directory, join(folder, 'new'));
    await rename(join(folder, 'new'), join(folder, 'node'));
  }

  async function rank(number: number): Promise<Counting> {
    const words = ['--ranks', '2', '--rank', String(number), '--group', 'job'];
    const counting = await Counting.start(gpu, join(folder, String(number)), words, {
      where: join(folder, 'node'),
    });
    started.push(counting);
    await counting.ready();
    return counting;
  }

  async function pair(): Promise<[Counting, Counting]> {
    return await Promise.all([rank(0), rank(1)]);
  }

  it('cannot be locked alone while its work waits, and goes on after the timeout', async () => {
    const first = await rank(0);
    assert.equal(await caller.call('lock', first.pid, ['50']), '600');
    assert.equal(await caller.call('state', first.pid), '0 0');
    const second = await rank(1);
    await Promise.all([first.reaches(3), second.reaches(3)]);
  });

  it('cannot be locked one after the other', async () => {
    const [first, second] = await pair();
    await Promise.all([first.reaches(3), second.reaches(3)]);
    assert.equal(await caller.call('lock', first.pid, ['20000']), '0');
    assert.equal(await caller.call('lock', second.pid, ['400']), '600');
    assert.equal(await caller.call('unlock', first.pid), '0');
    await Promise.all([first.goesOn(), second.goesOn()]);
  });

  it('are locked together, and what was interrupted goes on after a restore elsewhere', async () => {
    const [first, second] = await pair();
    await Promise.all([first.reaches(3), second.reaches(3)]);
    // So long that the two requests meet, however slow this machine is.
    await gpu.set({ callMs: { lock: 2000 } });
    const locks = [first, second].map(({ pid }) => caller.call('lock', pid, ['20000']));
    assert.deepEqual(await Promise.all(locks), ['0', '0']);
    for (const { pid } of [first, second]) assert.equal(await caller.call('checkpoint', pid), '0');
    await goTo(there);
    for (const { pid } of [second, first]) {
      assert.equal(await caller.call('restore', pid, [mapOf(gpu, there)]), '0');
      assert.equal(await caller.call('unlock', pid), '0');
    }
    await Promise.all([first.goesOn(), second.goesOn()]);
  });
});
