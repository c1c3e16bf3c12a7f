// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { WorkloadRef, WorkloadSpec } from '@grit/plugin-api';
import type { SimGpu } from '../../fixtures/simgpu/index.js';
import { until } from '../machine/until.js';

const SEED = 1;

/** What a job with simgpu-count is to be. */
export interface CounterOptions {
  /** Indices of the GPUs that it sees; default the first. */
  readonly gpus?: readonly number[];
  /** Of its GPU; default 1. */
  readonly mib?: number;
  readonly words?: readonly string[];
  readonly limits?: WorkloadSpec['limits'];
  /** More mounts. */
  readonly mounts?: WorkloadSpec['mounts'];
  /** A shell command beside it. It is told `$count`, a simgpu-count without words that are left out here. */
  readonly beside?: string;
}

/** A container with simgpu-count and the nodes of its GPUs. */
export function counterSpec(gpu: SimGpu, name: string, options: CounterOptions = {}): WorkloadSpec {
  const { gpus = [0], mib = 1, words = [], limits, mounts = [], beside } = options;
  const { files, directory } = gpu;
  const nodes = gpus.map((index) => `nvidia${gpu.gpus[index]?.minor}`);
  const home = dirname(files.libraries);
  const plain = [files.count, '--library', `${files.libraries}/libcuda.so.1`, '--seed', String(SEED)];
  const command = [...plain, '--mib', String(mib), '--interval-ms', '20', ...words];
  return {
    name,
    command:
      beside === undefined
        ? command
        : ['/bin/sh', '-c', `count="${plain.join(' ')}"; ${beside} & exec "$@"`, 'sh', ...command],
    mounts: [{ source: directory, destination: '/dev/nvidia-sim' }, { source: home, destination: home }, ...mounts],
    devices: ['nvidiactl', ...nodes].map((node) => ({
      source: `${directory}/dev/${node}`,
      destination: `/dev/${node}`,
    })),
    ...(limits === undefined ? {} : { limits }),
  };
}

/** A simgpu-count at work. */
export class Counter {
  constructor(
    private readonly gpu: SimGpu,
    readonly workload: WorkloadRef,
    /** Where its output goes; the place changes with its node. */
    private readonly logPath: () => Promise<string>,
    private readonly mib = 1,
  ) {}

  /** Returns when it has made steps since this was called. */
  async untilGrown(): Promise<void> {
    const before = (await this.#steps()).length;
    await until('it counts on', async () => (await this.#steps()).length > before + 2);
  }

  /** Throws unless every step was made once, in order, with the memory that it must have had. Returns the UUIDs of its GPUs, as they came. */
  async check(): Promise<readonly string[]> {
    const steps = await this.#steps();
    steps.forEach(({ step, checksum }, index) => {
      const wanted = this.gpu.checksum(SEED, this.mib, index + 1);
      if (step === index + 1 && checksum === wanted) return;
      throw new Error(`line ${index + 1}: step ${step} with ${checksum}, not step ${index + 1} with ${wanted}`);
    });
    return [...new Set(steps.map(({ uuid }) => uuid))];
  }

  /** Of whole lines. */
  async #steps(): Promise<readonly CountedStep[]> {
    const text = await readFile(await this.logPath(), 'utf8').catch(() => '');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .flatMap((line) => {
        const [, step, checksum = '', uuid = ''] = /^step (\d+) checksum (\w+) uuid (\S+)$/.exec(line) ?? [];
        return step === undefined ? [] : [{ step: Number(step), checksum, uuid }];
      });
  }
}

interface CountedStep {
  readonly step: number;
  readonly checksum: string;
  readonly uuid: string;
}
