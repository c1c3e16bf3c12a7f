// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SimGpu } from '../../fixtures/simgpu/index.js';
import { until } from '../machine/until.js';
import { CheckpointCaller, mapOf } from './checkpoint-caller.js';
import { Counting } from './counting.js';
import { missingCriu, missingParts } from './missing-parts.js';

const run = promisify(execFile);

/** What the process knows as its node's directory is a link: turned to the other one, it is at another node. */
describe('the simulated GPU: another node', function () {
  this.timeout(60_000);
  let folder: string;
  let here: SimGpu;
  let there: SimGpu;
  let caller: CheckpointCaller;
  let counting: Counting;

  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    folder = await mkdtemp('/var/tmp/grit-simgpu-test-');
    here = await SimGpu.start({ gpus: 2, memoryMib: 16 });
    there = await SimGpu.start({ gpus: 2, memoryMib: 16, minorBase: 4 });
    caller = new CheckpointCaller([here, there]);
    await goTo(here);
    counting = await (await Counting.start(here, join(folder, 'out'), [], { where: join(folder, 'node') })).ready();
  });
  afterEach(async () => {
    counting.kill();
    await Promise.all([counting.ended, here.stop(), there.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  async function goTo(node: SimGpu): Promise<void> {
    await symlink(node.directory, join(folder, 'new'));
    await rename(join(folder, 'new'), join(folder, 'node'));
  }

  async function leave(): Promise<void> {
    await counting.reaches(3);
    assert.deepEqual(await caller.calls(counting.pid, 'lock', 'checkpoint'), ['0', '0']);
    await goTo(there);
  }

  it('takes the process with a map of all its GPUs', async () => {
    await leave();
    const { pid } = counting;
    const map = mapOf(here, there);
    assert.equal(await caller.call('restore', pid), '1', 'its own GPUs are not here');
    assert.equal(await caller.call('restore', pid, [map.split(',')[0]!]), '1', 'one GPU is not in the map');
    assert.equal(
      await caller.call('restore', pid, [mapOf(here, here)]),
      '1',
      'the map leads to GPUs that are not here',
    );
    assert.equal(await caller.call('restore', pid, [map]), '0');
    assert.equal(await caller.call('unlock', pid), '0');
    const steps = await counting.goesOn();
    assert.deepEqual([steps[0]!.uuid, steps.at(-1)!.uuid], [here.uuidOf(0), there.uuidOf(0)]);
    assert.deepEqual(await counting.devices(here.directory), []);
    assert.equal((await counting.devices(there.directory)).length, 5);
  });

  it('fails without the nodes of its GPUs, and succeeds when they have been made', async () => {
    await leave();
    const { pid } = counting;
    const node = join(there.directory, 'dev', 'nvidia5');
    await rename(node, `${node}-away`);
    assert.equal(await caller.call('restore', pid, [mapOf(here, there)]), '304');
    assert.deepEqual(await counting.devices(there.directory), []);
    await rename(`${node}-away`, node);
    assert.equal(await caller.call('restore', pid, [mapOf(here, there)]), '0');
    assert.equal(await caller.call('unlock', pid), '0');
    await counting.goesOn();
  });

  it('without enough free memory fails once with that, then for ever', async () => {
    await leave();
    await there.set({ gpu: 0, freeMib: 0 });
    assert.equal(await caller.call('restore', counting.pid, [mapOf(here, there)]), '2');
    await there.set({ freeMib: 16 });
    assert.equal(await caller.call('restore', counting.pid, [mapOf(here, there)]), '304');
    assert.equal(await caller.call('state', counting.pid), '0 2');
  });

  it('takes it through a dump and a restore with CRIU', async function () {
    const missing = await missingCriu();
    if (missing !== undefined) this.skip(missing);
    await leave();
    const images = join(folder, 'images');
    await mkdir(images);
    const { pid } = counting;
    const words = ['--images-dir', images, '--shell-job', '-v4', '--log-file', 'log'];
    const counted = (await counting.steps()).length;
    await run('criu', ['dump', '--tree', String(pid), ...words]);
    await counting.ended;
    await run('criu', ['restore', '--restore-detached', ...words]);
    assert.equal(await caller.call('state', pid), '0 2');
    assert.equal(await caller.call('restore', pid, [mapOf(here, there)]), '0');
    assert.equal((await counting.steps()).length, counted);
    assert.equal(await caller.call('unlock', pid), '0');
    const steps = await counting.goesOn();
    assert.equal(steps.at(-1)!.uuid, there.uuidOf(0));
    await until('it is gone here', async () => (await here.processes()).length === 0);
  });
});
