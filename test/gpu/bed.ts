// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { CheckpointApi, Gpu, Nvml } from '@grit/runtime-nvidia';
import type { CriuProgram } from './criu-program.js';
import type { Figures } from './figures.js';
import type { GpuOptions } from './options.js';
import { Job } from './process/job.js';
import { endJob } from './process/end-job.js';
import type { Report } from './report.js';

/** Where the workloads of the acceptance are, in a checkout as in an archive. */
const WORKLOADS = join(import.meta.dirname, 'workload');

/** Between the steps of the counting program, milliseconds. */
const PAUSE_MS = 20;

/** What the parts of the acceptance stand on. */
export interface Ground {
  readonly options: GpuOptions;
  readonly report: Report;
  readonly figures: Figures;
  readonly calls: CheckpointApi;
  readonly nvml: Nvml;
  readonly gpus: readonly Gpu[];
  /** Version of the driver. */
  readonly driver: string;
  /** An empty directory for images and output. */
  readonly directory: string;
  /** What workloads are started with. */
  readonly environment: NodeJS.ProcessEnv;
  /** How the paths of the GPU's files begin: a process that has one open cannot be dumped. */
  readonly deviceFiles: string;
  /** CRIU, or why it cannot be used here. */
  readonly criu: CriuProgram | { readonly reason: string };
  /** Of the simulated GPU, which runs no kernels: how long it is to be busy with an addition, milliseconds. */
  readonly setBusy: ((milliseconds: number) => Promise<void>) | undefined;
}

/** The ground, and the workloads that were started on it. */
export class Bed {
  readonly #jobs: Job[] = [];

  constructor(readonly ground: Ground) {}

  /** Starts workload/count.c; it goes on until it is ended. `busyMs`: how long each of its steps keeps the GPU busy. */
  async startCount(mib: number, busyMs = 0): Promise<Job> {
    await this.ground.setBusy?.(busyMs);
    const program = join(WORKLOADS, 'dist', 'count');
    return this.start('count', [program, String(mib), '0', String(PAUSE_MS), String(busyMs)], {});
  }

  /** Starts workload/train.py, which ends by itself. */
  startTraining(python: string, steps: number, device: 'cuda' | 'cpu'): Job {
    return this.start('train', [python, join(WORKLOADS, 'train.py'), String(steps), device], {
      CUBLAS_WORKSPACE_CONFIG: ':4096:8',
      PYTHONDONTWRITEBYTECODE: '1',
    });
  }

  start(name: string, command: readonly string[], environment: NodeJS.ProcessEnv): Job {
    const file = join(this.ground.directory, `${name}-${this.#jobs.length}.out`);
    const job = Job.start(command, file, { ...this.ground.environment, ...environment });
    this.#jobs.push(job);
    return job;
  }

  /** Ends one workload, gently to the driver. */
  async end(job: Job): Promise<void> {
    await endJob(job, this.ground.calls);
  }

  /** Ends whatever is still there. */
  async endAll(): Promise<void> {
    for (const job of this.#jobs) await this.end(job);
  }
}
