// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../machine/until.js';
import { Counter } from './counter.js';
import type { GpuPlatform } from './gpu-platform.js';
import { withGpuPlatform } from './with-gpu-platform.js';

describe('a job on a simulated GPU', function () {
  this.timeout(120_000);
  let machine: GpuPlatform;
  let directory: string;

  before(async () => {
    directory = await mkdtemp('/var/tmp/grit-gpu-');
  });
  withGpuPlatform({ gpus: 2, memoryMib: 256 }, {}, (started) => {
    machine = started;
  });
  after(async () => rm(directory, { recursive: true }));

  let job: Counter;

  it('is checkpointed and goes on, with each step of the GPU in the timings', async () => {
    job = await machine.startCounter('goes-on');
    const done = await machine.checkpoint(job.workload, 'resume');
    assert.equal(done.outcome, 'Checkpointed', JSON.stringify(done.error));
    const phases = done.timings.map(({ phase }) => phase);
    for (const phase of ['discover', 'lock', 'device-checkpoint', 'freeze', 'device-restore', 'unlock']) {
      assert.ok(phases.includes(phase), phase);
    }
    await job.untilGrown();
    await job.check();
    assert.deepEqual(
      (await machine.gpu.processes()).map(({ state }) => state),
      ['running'],
    );
  });

  it('is stopped, and goes on from its image with the memory of its GPU', async () => {
    const done = await machine.checkpoint(job.workload, 'stop');
    assert.equal(done.outcome, 'Checkpointed', JSON.stringify(done.error));
    assert.deepEqual(await machine.gpu.processes(), []);
    const restored = await machine.platform.run({ kind: 'restore', checkpoint: done.checkpoint ?? '' });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored.error));
    const phases = restored.timings.map(({ phase }) => phase);
    for (const phase of ['restore', 'device-restore', 'unlock']) assert.ok(phases.includes(phase), phases.join());
    await job.untilGrown();
    await job.check();
  });

  it('that begins to use its GPU while another one is being quiesced is quiesced, too', async () => {
    const late = join(directory, 'begin');
    const beside = '$count --interval-ms 20 --mib 1 --late-init /out/begin >/out/late';
    const mounts = [{ source: directory, destination: '/out' }];
    const both = await machine.startCounter('late', { gpus: [0, 1], mounts, beside });
    const second = new Counter(machine.gpu, both.workload, async () => Promise.resolve(join(directory, 'late')));
    // In the middle of the first look: the first one takes long enough.
    await machine.gpu.set({ callMs: { checkpoint: 1_500 } });
    const checkpoint = machine.checkpoint(both.workload, 'stop');
    await until('one is locked', async () => (await machine.gpu.processes()).some(({ state }) => state === 'locked'));
    await writeFile(late, '');
    await second.untilGrown();
    const done = await checkpoint;
    await machine.gpu.clear();
    assert.equal(done.outcome, 'Checkpointed', JSON.stringify(done.error));
    const restored = await machine.platform.run({ kind: 'restore', checkpoint: done.checkpoint ?? '' });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored.error));
    for (const job of [both, second]) {
      await job.untilGrown();
      await job.check();
    }
  });
});
