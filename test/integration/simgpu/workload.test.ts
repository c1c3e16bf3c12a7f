// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SimGpu } from '../../fixtures/simgpu/index.js';
import { until } from '../machine/until.js';
import { CheckpointCaller } from './checkpoint-caller.js';
import { Counting } from './counting.js';
import { missingParts } from './missing-parts.js';

describe('the simulated GPU: its workload', function () {
  this.timeout(60_000);
  let folder: string;
  let gpu: SimGpu;
  let caller: CheckpointCaller;
  let counting: Counting | undefined;

  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    folder = await mkdtemp('/var/tmp/grit-simgpu-test-');
    // An older driver: it knows no maps.
    gpu = await SimGpu.start({ uuidSeed: 'workload', api: 12080, driver: '570.86.10' });
    caller = new CheckpointCaller([gpu]);
  });
  afterEach(async () => {
    counting?.kill();
    await counting?.ended;
    counting = undefined;
    await gpu.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('has GPUs that come from the seed alone', async () => {
    const twin = await SimGpu.start({ uuidSeed: 'workload' });
    try {
      assert.deepEqual(twin.gpus, gpu.gpus);
    } finally {
      await twin.stop();
    }
  });

  it('is no CUDA process before it starts CUDA', async () => {
    const file = join(folder, 'go');
    const late = (counting = await Counting.start(gpu, join(folder, 'out'), ['--late-init', file]));
    await until('it waits', async () => (await late.text()) === 'waiting\n');
    assert.equal(await caller.call('tid', late.pid), '1');
    await writeFile(file, '');
    await (await late.ready()).reaches(2);
    assert.match(await caller.call('tid', late.pid), /^0 \d+$/);
  });

  it('can have children that keep its devices open', async () => {
    const parent = (counting = await Counting.start(gpu, join(folder, 'out'), ['--fork-children', '1']));
    await parent.ready();
    assert.deepEqual(await caller.calls(parent.pid, 'lock', 'checkpoint'), ['0', '0']);
    const child = Number(await readFile(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8'));
    assert.equal((await parent.devices(gpu.directory)).length, 0);
    assert.equal((await parent.devices(gpu.directory, child)).length, 3);
    assert.equal(await caller.call('tid', child), '1');
  });

  it('stays on its GPU where the driver knows no maps', async () => {
    const { pid } = (counting = await Counting.start(gpu, join(folder, 'out')));
    await counting.ready();
    const elsewhere = `${gpu.uuidOf(0)}=GPU-00000000-0000-4000-8000-000000000000`;
    assert.deepEqual(await caller.calls(pid, 'lock', 'checkpoint'), ['0', '0']);
    assert.equal(await caller.call('restore', pid, [elsewhere]), '0');
    assert.equal(await caller.call('unlock', pid), '0');
    const steps = await counting.goesOn();
    assert.equal(steps.at(-1)!.uuid, gpu.uuidOf(0));
  });
});
