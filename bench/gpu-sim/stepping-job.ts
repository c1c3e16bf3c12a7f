// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckpointRequest, OperationStatus, WorkloadRef, WorkloadSpec } from '@grit/plugin-api';
import type { GpuPlatform } from '../../test/integration/gpu/gpu-platform.js';
import { until } from '../../test/integration/machine/until.js';

/** When a process of the job stood still, by its own clock: the time of day, as Date.now() has it. */
interface Still {
  readonly rank: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a job is started with. */
interface JobOptions {
  readonly name: string;
  /** The built steps.c. */
  readonly program: string;
  readonly gpu: boolean;
  readonly processes: number;
  readonly mebibytes: number;
}

/** An operation on a job, as the operation tells it and as the job has seen it: milliseconds. */
export interface Seen {
  readonly phases: ReadonlyMap<string, number>;
  /** For how long the job stood still: the longest of its processes. */
  readonly stillMs: number;
  /** From the request to the first step after it stood still: the last of its processes. */
  readonly toNextStepMs: number;
  /** Between the first and the last process that stopped. */
  readonly skewMs: number;
}

const NEVER = new AbortController().signal;

/** A job that notes itself for how long it stood still. */
export class SteppingJob {
  private constructor(
    private readonly machine: GpuPlatform,
    private readonly workload: WorkloadRef,
    private readonly processes: number,
  ) {}

  /** Returns when all its processes make steps. Both kinds see the same devices and mounts. */
  static async start(machine: GpuPlatform, options: JobOptions): Promise<SteppingJob> {
    const { name, program, gpu, processes, mebibytes } = options;
    const { files, directory, gpus } = machine.gpu;
    const library = `${files.libraries}/libcuda.so.1`;
    const folders = [dirname(program), files.directory];
    const nodes = ['nvidiactl', ...gpus.slice(0, processes).map(({ minor }) => `nvidia${minor}`)];
    const spec: WorkloadSpec = {
      name,
      command: [program, library, gpu ? 'gpu' : 'plain', String(mebibytes), String(processes)],
      mounts: [
        { source: directory, destination: '/dev/nvidia-sim' },
        ...folders.map((folder) => ({ source: folder, destination: folder })),
      ],
      devices: nodes.map((node) => ({ source: `${directory}/dev/${node}`, destination: `/dev/${node}` })),
    };
    done(await machine.platform.run({ kind: 'run', spec }), 'Started');
    const job = new SteppingJob(machine, { kind: 'container', name }, processes);
    await until('its processes make steps', async () => (await job.#log()).split('ready ').length > processes);
    return job;
  }

  /** A checkpoint after which it goes on. */
  async checkpoint(): Promise<Seen> {
    const asked = Date.now();
    const status = await this.#checkpoint('resume');
    return this.#seen(status, asked);
  }

  /** It is stopped with a checkpoint, and restored. What is told is of the restore. */
  async restore(): Promise<Seen> {
    const before = Date.now();
    const { checkpoint = '' } = await this.#checkpoint('stop');
    const asked = Date.now();
    const status = done(await this.machine.platform.run({ kind: 'restore', checkpoint }), 'Restored');
    return this.#seen(status, before, asked);
  }

  async stop(): Promise<void> {
    await this.machine.platform.run({ kind: 'stop', workload: this.workload, graceMs: 0 });
    await this.machine.platform.run({ kind: 'delete', workload: this.workload });
  }

  async #checkpoint(afterCheckpoint: CheckpointRequest['afterCheckpoint']): Promise<OperationStatus> {
    const { workload } = this;
    return done(await this.machine.platform.run({ kind: 'checkpoint', workload, afterCheckpoint }), 'Checkpointed');
  }

  async #seen({ timings }: OperationStatus, after: number, asked = after): Promise<Seen> {
    const longest = await until('all its processes make steps again', async () => {
      const all = (await this.#stills()).filter(({ fromMs, toMs }) => fromMs > after && toMs > asked);
      const ofEach = Array.from({ length: this.processes }, (_, rank) => all.filter((still) => still.rank === rank));
      if (ofEach.some((stills) => stills.length === 0)) return undefined;
      return ofEach.map((stills) => stills.reduce((a, b) => (length(b) > length(a) ? b : a)));
    });
    const froms = longest.map(({ fromMs }) => fromMs);
    return {
      phases: new Map(timings.map(({ phase, ms }) => [phase, ms])),
      stillMs: Math.max(...longest.map(length)),
      toNextStepMs: Math.max(...longest.map(({ toMs }) => toMs)) - asked,
      skewMs: Math.max(...froms) - Math.min(...froms),
    };
  }

  async #stills(): Promise<readonly Still[]> {
    return [...(await this.#log()).matchAll(/^still (\d+) (\d+) (\d+)$/gm)].map(([, rank, from, to]) => ({
      rank: Number(rank),
      fromMs: Number(from) / 1e6,
      toMs: Number(to) / 1e6,
    }));
  }

  async #log(): Promise<string> {
    const { logPath = '' } = await this.machine.platform.client.getWorkload(this.workload.name, NEVER);
    return readFile(logPath, 'utf8').catch(() => '');
  }
}

function length({ fromMs, toMs }: Still): number {
  return toMs - fromMs;
}

function done(status: OperationStatus, outcome: OperationStatus['outcome']): OperationStatus {
  if (status.outcome === outcome) return status;
  throw new Error(`${status.kind}: ${JSON.stringify(status.error)}`);
}
