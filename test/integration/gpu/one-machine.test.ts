// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { missingParts } from '../simgpu/missing-parts.js';
import { GpuPlatform, type Counter } from './gpu-platform.js';

describe('a job on a simulated GPU', function () {
  this.timeout(120_000);
  let machine: GpuPlatform;
  let started: GpuPlatform | undefined;

  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
    machine = started = await GpuPlatform.start({ gpus: 2, memoryMib: 256 });
  });
  after(async () => {
    await started?.stop();
  });

  let job: Counter;

  it('is checkpointed and goes on, with each step of the GPU in the timings', async () => {
    job = await machine.startCounter('goes-on');
    const done = await machine.operate('checkpoint', job.workload, 'resume');
    assert.equal(done.outcome, 'Checkpointed', JSON.stringify(done.error));
    const phases = done.timings.map(({ phase }) => phase);
    for (const phase of ['discover', 'lock', 'device-checkpoint', 'freeze']) assert.ok(phases.includes(phase), phase);
    await job.untilGrown();
    await job.check();
    assert.deepEqual(
      (await machine.gpu.processes()).map(({ state }) => state),
      ['running'],
    );
  });

  it('is stopped, and goes on from its image with the memory of its GPU', async () => {
    const done = await machine.operate('checkpoint', job.workload, 'stop');
    assert.equal(done.outcome, 'Checkpointed', JSON.stringify(done.error));
    assert.deepEqual(await machine.gpu.processes(), []);
    const restored = await machine.platform.run({ kind: 'restore', checkpoint: done.checkpoint ?? '' });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored.error));
    const phases = restored.timings.map(({ phase }) => phase);
    for (const phase of ['restore', 'device-restore', 'unlock']) assert.ok(phases.includes(phase), phases.join());
    await job.untilGrown();
    await job.check();
  });
});
