// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { buildSimGpu, SimGpu } from '../../../../test/fixtures/simgpu/index.js';
import type { CheckpointApi } from '../../src/cuda/checkpoint-api.js';
import { CudaError } from '../../src/cuda/cuda-error.js';
import { DriverProxies } from '../../src/cuda/driver-proxies.js';
import { openCheckpointApi } from '../../src/cuda/open-checkpoint-api.js';
import { ProxyNvml } from '../../src/nvml/proxy-nvml.js';
import { GpuWorkload } from './gpu-workload.js';
import { SILENT } from './silent.js';

const signal = new AbortController().signal;
const LOCK_MS = 30_000;

describe('checkpoint calls and NVML on a simulated GPU', function () {
  this.timeout(120_000);
  let sim: SimGpu;
  let proxies: DriverProxies;
  let api: CheckpointApi;
  const workloads: GpuWorkload[] = [];

  const start = async (words: readonly string[] = []): Promise<GpuWorkload> => {
    const workload = await GpuWorkload.start(sim, words);
    workloads.push(workload);
    return workload;
  };
  const open = (limits = {}): CheckpointApi => openCheckpointApi({ proxies, limits });

  before(async function () {
    if (process.getuid?.() !== 0) this.skip('only root makes device nodes');
    await buildSimGpu().catch((error: unknown) => this.skip((error as Error).message));
  });
  beforeEach(async () => {
    sim = await SimGpu.start({ gpus: 2, memoryMib: 64 });
    proxies = new DriverProxies({
      libraryDirectory: sim.files.libraries,
      logger: SILENT,
      env: { ...process.env, SIMGPU_DIR: sim.directory },
    });
    api = open();
  });
  afterEach(async () => {
    await proxies.close();
    await Promise.all(workloads.splice(0).map(async (workload) => workload.end()));
    await sim.stop();
  });

  it('takes the memory of a process out of the GPU and brings it back', async () => {
    const workload = await start();
    const { pid } = workload;
    assert.ok(Number(await api.restoreThread(pid, signal)) > pid);
    assert.equal(await api.restoreThread(process.pid, signal), undefined);
    assert.equal(await api.state(pid, signal), 'running');
    await api.lock(pid, LOCK_MS, signal);
    assert.equal(await api.state(pid, signal), 'locked');
    await api.checkpoint(pid, signal);
    assert.equal(await api.state(pid, signal), 'checkpointed');
    assert.deepEqual(
      (await sim.devices()).map(({ freeBytes, memoryBytes }) => memoryBytes - freeBytes),
      [0, 0],
    );
    await api.restore(pid, [], signal);
    assert.equal(await api.state(pid, signal), 'locked');
    await api.unlock(pid, signal);
    await workload.goesOn();
  });

  it('restores to another GPU', async () => {
    const workload = await start();
    const { pid } = workload;
    const [first, second] = [sim.uuidOf(0), sim.uuidOf(1)];
    assert.equal(workload.gpu, first);
    await api.lock(pid, LOCK_MS, signal);
    await api.checkpoint(pid, signal);
    const pairs = [
      { from: first, to: second },
      { from: second, to: first },
    ];
    await api.restore(pid, pairs, signal);
    await api.unlock(pid, signal);
    await workload.goesOn();
    assert.equal(workload.gpu, second);
  });

  it('locks ranks that wait for each other, all at once', async () => {
    const ranks = ['0', '1', '2'].map(async (rank) => start(['--ranks', '3', '--rank', rank, '--group', 'job']));
    const pids = (await Promise.all(ranks)).map(({ pid }) => pid);
    await api.prepare(pids.length, signal);
    await Promise.all(pids.map(async (pid) => api.lock(pid, LOCK_MS, signal)));
    for (const pid of pids) assert.equal(await api.state(pid, signal), 'locked');
    await Promise.all(pids.map(async (pid) => api.unlock(pid, signal)));
    for (const workload of workloads) await workload.goesOn();
  });

  it('a process that is frozen hangs the call up to its limit, not the agent; it works again afterwards', async () => {
    const workload = await start();
    const short = open({ askMs: 1_000 });
    await proxies.ask({ call: 'state', pid: workload.pid }, 60_000, signal);
    workload.signal('SIGSTOP');
    await assert.rejects(short.state(workload.pid, signal), { code: 'GRIT_TIMEOUT' });
    workload.signal('SIGCONT');
    assert.equal(await api.state(workload.pid, signal), 'running');
    await workload.goesOn();
  });

  it('a thread is not taken for a process', async () => {
    const workload = await start();
    const thread = (await api.restoreThread(workload.pid, signal)) ?? 0;
    const refused = { code: 'GRIT_REQUEST_INVALID', message: new RegExp(`process ${workload.pid}$`) };
    await assert.rejects(api.state(thread, signal), refused);
    await assert.rejects(api.lock(thread, LOCK_MS, signal), refused);
    await assert.rejects(api.checkpoint(thread, signal), refused);
    await workload.goesOn();
  });

  it('an answer that is injected comes through', async () => {
    const workload = await start();
    await sim.inject({ call: 'lock', result: 304, pid: workload.pid });
    await assert.rejects(api.lock(workload.pid, LOCK_MS, signal), (error) => {
      assert.ok(error instanceof CudaError);
      return error.resultName === 'CUDA_ERROR_OPERATING_SYSTEM';
    });
    await workload.goesOn();
  });

  it('NVML tells the GPUs and who is on them', async () => {
    const workload = await start();
    const nvml = new ProxyNvml(proxies);
    assert.equal(await nvml.driverVersion(signal), '580.65.06');
    await sim.set({ gpu: 1, mig: true, persistence: false });
    const gpus = await nvml.gpus(signal);
    const devices = await sim.devices();
    assert.deepEqual(
      gpus.map(({ uuid, name, minor, busId, memoryBytes, freeBytes }) => [
        uuid,
        name,
        minor,
        busId,
        memoryBytes,
        freeBytes,
      ]),
      // CUDA writes the domain of a bus id with four digits, NVML with eight.
      devices.map(({ uuid, name, minor, busId, memoryBytes, freeBytes }) => [
        uuid,
        name,
        minor,
        `0000${busId}`,
        memoryBytes,
        freeBytes,
      ]),
    );
    assert.deepEqual(
      gpus.map(({ mig, persistence, computeMode }) => [mig, persistence, computeMode]),
      [
        [false, true, 'default'],
        [true, false, 'default'],
      ],
    );
    const { bytes } = (await sim.processes()).find(({ pid }) => pid === workload.pid)!;
    assert.deepEqual(
      (await nvml.processes(signal)).filter(({ pid }) => pid === workload.pid),
      [{ pid: workload.pid, gpu: sim.uuidOf(0), bytes }],
    );
  });
});
