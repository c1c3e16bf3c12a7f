// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { memoryLimitsOf } from '../../fixtures/memory-limits-of.js';
import type { Counter } from './counter.js';
import type { GpuPlatform } from './gpu-platform.js';
import { withGpuPlatform } from './with-gpu-platform.js';

const MIB = 2 ** 20;
const LIMIT = 96 * MIB;

describe('memory limits that have no room for the memory of a simulated GPU', function () {
  this.timeout(120_000);
  let machine: GpuPlatform;
  withGpuPlatform({ memoryMib: 512 }, { memoryLimits: 'raise' }, (started) => {
    machine = started;
  });

  /** Of the container. */
  async function limitOf(): Promise<number | undefined> {
    const [process] = await machine.gpu.processes();
    return memoryLimitsOf(process?.pid ?? 0)[0];
  }

  let job: Counter;

  it('are raised for a checkpoint when the configuration says so, and are as before when it is done', async () => {
    job = await machine.startCounter('raised', { mib: 64, limits: { memoryBytes: LIMIT } });
    const done = await machine.checkpoint(job.workload, 'resume');
    assert.equal(done.outcome, 'Checkpointed', JSON.stringify(done.error));
    assert.equal(await limitOf(), LIMIT);
    await job.untilGrown();
    await job.check();
  });

  it('are raised for a restore, and are as before when it is done', async () => {
    const done = await machine.checkpoint(job.workload, 'stop');
    assert.equal(done.outcome, 'Checkpointed', JSON.stringify(done.error));
    const restored = await machine.platform.run({ kind: 'restore', checkpoint: done.checkpoint ?? '' });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored.error));
    assert.equal(await limitOf(), LIMIT);
    await job.untilGrown();
    await job.check();
  });
});
