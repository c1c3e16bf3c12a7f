// SPDX-License-Identifier: Apache-2.0
import type { JsonObject, OperationStatus, WorkloadRef } from '@grit/plugin-api';
import { startTestPlatform, type TestPlatform } from '@grit/plugin-testing';
import { SimGpu, type SimGpuOptions } from '../../fixtures/simgpu/index.js';
import { Counter, counterSpec, type CounterOptions } from './counter.js';

const NEVER = new AbortController().signal;

/** A platform of one node with simulated GPUs, in this process: real queue, runc, CRIU. */
export class GpuPlatform {
  private constructor(
    readonly gpu: SimGpu,
    readonly platform: TestPlatform,
  ) {}

  static async start(gpus: SimGpuOptions = {}, config: JsonObject = {}): Promise<GpuPlatform> {
    const gpu = await SimGpu.start(gpus);
    process.env['SIMGPU_DIR'] = gpu.directory;
    const runtime = { use: '@grit/runtime-nvidia', config: { libraryDirectory: gpu.files.libraries, ...config } };
    return new GpuPlatform(gpu, await startTestPlatform({ plugins: { runtime } }));
  }

  async stop(): Promise<void> {
    for (const { workload } of await this.platform.client.listWorkloads(NEVER)) await this.remove(workload);
    await this.platform.stop().finally(async () => this.gpu.stop());
    delete process.env['SIMGPU_DIR'];
  }

  /** Starts simgpu-count. Returns when it has made some steps. */
  async startCounter(name: string, options: CounterOptions = {}): Promise<Counter> {
    const started = await this.platform.run({ kind: 'run', spec: counterSpec(this.gpu, name, options) });
    if (started.outcome !== 'Started') throw new Error(JSON.stringify(started.error));
    const log = async (): Promise<string> => (await this.platform.client.getWorkload(name, NEVER)).logPath ?? '';
    const counter = new Counter(this.gpu, { kind: 'container', name }, log, options.mib);
    await counter.untilGrown();
    return counter;
  }

  /** Ends the job and removes what there is of it. */
  async remove(workload: WorkloadRef): Promise<void> {
    await this.platform.run({ kind: 'stop', workload, graceMs: 0 });
    await this.platform.run({ kind: 'delete', workload });
  }

  async checkpoint(workload: WorkloadRef, afterCheckpoint: 'resume' | 'stop'): Promise<OperationStatus> {
    return this.platform.run({ kind: 'checkpoint', workload, afterCheckpoint });
  }
}
