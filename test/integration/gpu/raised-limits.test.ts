// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { missingParts } from '../simgpu/missing-parts.js';
import type { Counter } from './counter.js';
import { GpuPlatform } from './gpu-platform.js';

const MIB = 2 ** 20;
const LIMIT = 96 * MIB;

describe('memory limits that have no room for the memory of a simulated GPU', function () {
  this.timeout(120_000);
  let machine: GpuPlatform;
  let started: GpuPlatform | undefined;

  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
    machine = started = await GpuPlatform.start({ memoryMib: 512 }, { memoryLimits: 'raise' });
  });
  after(async () => started?.stop());

  async function limitOf(): Promise<number> {
    const [process] = await machine.gpu.processes();
    const pid = process?.pid ?? 0;
    const table = await readFile(`/proc/${pid}/cgroup`, 'utf8');
    const path = /^\d+:(?:.*,)?memory(?:,.*)?:(.*)$/m.exec(table)?.[1];
    if (path !== undefined) {
      return Number(await readFile(`/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`, 'utf8'));
    }
    return Number(await readFile(`/sys/fs/cgroup${/^0::(.*)$/m.exec(table)?.[1]}/memory.max`, 'utf8'));
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
