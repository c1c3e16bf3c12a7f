// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JsonObject, OperationStatus, WorkloadRef, WorkloadSpec } from '@grit/plugin-api';
import { startTestPlatform, type TestPlatform } from '@grit/plugin-testing';
import { SimGpu, type SimGpuOptions } from '../../fixtures/simgpu/index.js';
import { until } from '../machine/until.js';

const MIB = 1;
const SEED = 1;

/** Choices of {@link GpuPlatform.startCounter}. */
export interface CounterOptions {
  /** Indices of the GPUs that it sees; default the first. */
  readonly gpus?: readonly number[];
  readonly mib?: number;
  readonly words?: readonly string[];
  readonly limits?: WorkloadSpec['limits'];
}

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
    for (const { workload } of await this.platform.client.listWorkloads(new AbortController().signal)) {
      await this.remove(workload);
    }
    await this.platform.stop().finally(async () => this.gpu.stop());
    delete process.env['SIMGPU_DIR'];
  }

  /** Starts simgpu-count. Returns when it has made some steps. */
  async startCounter(name: string, options: CounterOptions = {}): Promise<Counter> {
    const { gpus = [0], mib = MIB, words = [], limits } = options;
    const { files, directory } = this.gpu;
    const nodes = gpus.map((index) => `nvidia${this.gpu.gpus[index]?.minor}`);
    const home = dirname(files.libraries);
    const command = [files.count, '--library', `${files.libraries}/libcuda.so.1`];
    const spec: WorkloadSpec = {
      name,
      command: [...command, '--mib', String(mib), '--seed', String(SEED), '--interval-ms', '20', ...words],
      mounts: [
        { source: directory, destination: '/dev/nvidia-sim' },
        { source: home, destination: home },
      ],
      devices: ['nvidiactl', ...nodes].map((node) => ({
        source: `${directory}/dev/${node}`,
        destination: `/dev/${node}`,
      })),
      limits,
    };
    const started = await this.platform.run({ kind: 'run', spec });
    if (started.outcome !== 'Started') throw new Error(JSON.stringify(started.error));
    const counter = new Counter(this, { kind: 'container', name }, mib);
    await counter.untilGrown();
    return counter;
  }

  /** Ends the job and removes what there is of it. */
  async remove(workload: WorkloadRef): Promise<void> {
    await this.platform.run({ kind: 'stop', workload, graceMs: 0 });
    await this.platform.run({ kind: 'delete', workload });
  }

  async operate(
    kind: 'checkpoint',
    workload: WorkloadRef,
    afterCheckpoint: 'resume' | 'stop',
  ): Promise<OperationStatus> {
    return this.platform.run({ kind, workload, afterCheckpoint });
  }
}

/** A simgpu-count at work. */
export class Counter {
  constructor(
    private readonly owner: GpuPlatform,
    readonly workload: WorkloadRef,
    private readonly mib: number,
  ) {}

  /** What it has printed, whole lines. */
  async lines(): Promise<readonly string[]> {
    const { logPath = '' } = await this.owner.platform.client.getWorkload(
      this.workload.name,
      new AbortController().signal,
    );
    const text = await readFile(logPath, 'utf8');
    return text.slice(0, text.lastIndexOf('\n')).split('\n');
  }

  /** Returns when it has made steps since this was called. */
  async untilGrown(): Promise<void> {
    const before = (await this.steps().catch(() => [])).length;
    await until('it counts on', async () => (await this.steps().catch(() => [])).length > before + 2);
  }

  async steps(): Promise<readonly CountedStep[]> {
    return (await this.lines()).flatMap((line) => {
      const [, step, checksum = '', uuid = ''] = /^step (\d+) checksum (\w+) uuid (\S+)$/.exec(line) ?? [];
      return step === undefined ? [] : [{ step: Number(step), checksum, uuid }];
    });
  }

  /** Throws unless every step was made once, in order, with the memory that it must have had. */
  async check(): Promise<readonly CountedStep[]> {
    const steps = await this.steps();
    steps.forEach(({ step, checksum }, index) => {
      const wanted = this.owner.gpu.checksum(SEED, this.mib, index + 1);
      if (step === index + 1 && checksum === wanted) return;
      throw new Error(`line ${index + 1}: step ${step} with ${checksum}, not step ${index + 1} with ${wanted}`);
    });
    return steps;
  }
}

interface CountedStep {
  readonly step: number;
  readonly checksum: string;
  readonly uuid: string;
}
