// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { buildSimGpu, SimGpu } from '../../../../test/fixtures/simgpu/index.js';
import { DriverProxies } from '../../src/cuda/driver-proxies.js';
import { openCheckpointApi } from '../../src/cuda/open-checkpoint-api.js';
import { GpuWorkload } from './gpu-workload.js';
import { SILENT } from './silent.js';

describe('the first calls to the driver', function () {
  this.timeout(120_000);

  it('can be several at once: each process is found', async function () {
    if (process.getuid?.() !== 0) this.skip('only root makes device nodes');
    await buildSimGpu().catch((error: unknown) => this.skip((error as Error).message));
    const signal = new AbortController().signal;
    const sim = await SimGpu.start({ memoryMib: 64 });
    const env = { ...process.env, SIMGPU_DIR: sim.directory };
    const proxies = new DriverProxies({ libraryDirectory: sim.files.libraries, logger: SILENT, env });
    const workloads: GpuWorkload[] = [];
    try {
      for (let count = 0; count < 4; count++) workloads.push(await GpuWorkload.start(sim, []));
      const api = openCheckpointApi({ proxies, limits: {} });
      const threads = await Promise.all(workloads.map(async ({ pid }) => api.restoreThread(pid, signal)));
      threads.forEach((tid, index) => assert.ok(Number(tid) > workloads[index]!.pid, `process ${index}: ${tid}`));
    } finally {
      await proxies.close();
      await Promise.all(workloads.map(async (workload) => workload.end()));
      await sim.stop();
    }
  });
});
