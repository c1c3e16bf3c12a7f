// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { GpuPlatform } from './gpu-platform.js';
import { withGpuPlatform } from './with-gpu-platform.js';

const MIB = 2 ** 20;

describe('a job on a simulated GPU that cannot be checkpointed', function () {
  this.timeout(120_000);
  let machine: GpuPlatform;
  withGpuPlatform({ gpus: 2, memoryMib: 512 }, { lockTimeoutSeconds: 1 }, (started) => {
    machine = started;
  });

  it('is refused before anything is locked when its memory limit has no room for the memory of the GPU', async () => {
    const job = await machine.startCounter('no-room', { mib: 64, limits: { memoryBytes: 96 * MIB } });
    const done = await machine.checkpoint(job.workload, 'resume');
    assert.equal(done.error?.code, 'GRIT_WORKLOAD_UNCHECKPOINTABLE');
    assert.match(JSON.stringify(done.error), /memory limit of \S+ is 96 MiB; \d+ MiB are in use, .* needs 64 MiB more/);
    await job.untilGrown();
    await job.check();
    await machine.remove(job.workload);
  });

  it('is refused when forked workers have the GPU open, with pid and fd', async () => {
    const job = await machine.startCounter('forks', { words: ['--fork-children', '2'] });
    const done = await machine.checkpoint(job.workload, 'resume');
    assert.equal(done.error?.code, 'GRIT_WORKLOAD_UNCHECKPOINTABLE');
    assert.match(JSON.stringify(done.error), /\/dev\/nvidia\S+ is open in a process that does not use it itself/);
    await job.untilGrown();
    await job.check();
    await machine.remove(job.workload);
  });

  it('is refused on a partitioned GPU', async () => {
    await machine.gpu.set({ gpu: 1, mig: true });
    const job = await machine.startCounter('mig', { gpus: [1] });
    const done = await machine.checkpoint(job.workload, 'resume');
    assert.equal(done.error?.code, 'GRIT_WORKLOAD_UNCHECKPOINTABLE');
    assert.match(JSON.stringify(done.error), /is partitioned \(MIG\)/);
    await machine.gpu.set({ gpu: 1, mig: false });
    await machine.remove(job.workload);
  });

  it('goes on when its GPU is busy for too long, and says so', async () => {
    const job = await machine.startCounter('busy');
    await machine.gpu.inject({ call: 'lock', result: 600 });
    const done = await machine.checkpoint(job.workload, 'resume');
    assert.equal(done.outcome, 'Resumed', JSON.stringify(done));
    assert.equal(done.error?.code, 'GRIT_DEVICE_BUSY');
    await job.untilGrown();
    await job.check();
    await machine.remove(job.workload);
  });
});
