// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../test/cluster/run-program.js';
import { GpuPlatform } from '../test/integration/gpu/gpu-platform.js';
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';
import { interleave } from './frame/rounds.js';
import { SteppingJob, type Seen } from './gpu-sim/stepping-job.js';

type Figures = Measurements['figures'];

/** How long each call of the driver takes: then what is beyond it is ours. */
const CALL_MS = 100;
const MEBIBYTES = 1;
/** The simulation's own workload, whose way to the driver this one shares. */
const COUNT = join(import.meta.dirname, '..', 'test', 'fixtures', 'simgpu', 'src', 'count');
const SECTIONS = ['one', 'restore', 'four'];

/** A job with a GPU and the same without, in turns. */
type Pair = Readonly<Record<'gpu' | 'plain', readonly Seen[]>>;

/** What a checkpoint of a process with a GPU costs beyond the calls of its driver. Times of calls are those of a simulation, so that they are known. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const chosen = options.only.length === 0 ? SECTIONS : options.only;
  const directory = await mkdtemp('/var/tmp/grit-bench-gpu-');
  const program = join(directory, 'steps');
  const machine = await GpuPlatform.start({ gpus: 4, memoryMib: 1024 });
  const inTurns = async (processes: number, step: (job: SteppingJob) => Promise<Seen>): Promise<Pair> => {
    const jobs: SteppingJob[] = [];
    const start = async (name: string, gpu: boolean): Promise<SteppingJob> => {
      const mebibytes = Math.ceil(MEBIBYTES * options.scale);
      const job = await SteppingJob.start(machine, { name, program, gpu, processes, mebibytes });
      jobs.push(job);
      return job;
    };
    try {
      const [gpu, plain] = [await start('gpu', true), await start('plain', false)];
      return await interleave<'gpu' | 'plain', Seen>(
        options.rounds,
        { gpu: () => step(gpu), plain: () => step(plain) },
        (round) => options.say(`round ${round} of ${options.rounds}`),
      );
    } finally {
      for (const job of jobs) await job.stop();
    }
  };
  try {
    const sources = [join(import.meta.dirname, 'gpu-sim', 'steps.c'), join(COUNT, 'driver.c')];
    await runProgram('gcc', ['-O2', '-o', program, '-I', COUNT, ...sources, '-pthread', '-ldl']);
    await machine.gpu.set({ callMs: { lock: CALL_MS, checkpoint: CALL_MS, restore: CALL_MS, unlock: CALL_MS } });
    let figures: Figures = {};
    if (chosen.includes('one')) figures = { ...figures, ...ofOne(await inTurns(1, (job) => job.checkpoint())) };
    if (chosen.includes('restore')) figures = { ...figures, ...ofRestore(await inTurns(1, (job) => job.restore())) };
    if (chosen.includes('four')) figures = { ...figures, ...ofFour(await inTurns(4, (job) => job.checkpoint())) };
    return { rounds: options.rounds, figures, ratios: {} };
  } finally {
    await machine.stop();
    await rm(directory, { recursive: true });
  }
}

function ofOne({ gpu, plain }: Pair): Figures {
  return {
    added_frozen_ms: ms(added(gpu, plain, ({ stillMs }) => stillMs, 4)),
    added_beside_dump_ms: ms(added(gpu, plain, besideDump, 4)),
    frozen_ms: ms(gpu.map(({ stillMs }) => stillMs)),
    plain_frozen_ms: ms(plain.map(({ stillMs }) => stillMs)),
    lock_ms: beyond(gpu, 'lock'),
    device_checkpoint_ms: beyond(gpu, 'device-checkpoint'),
    device_restore_ms: beyond(gpu, 'device-restore'),
    unlock_ms: beyond(gpu, 'unlock'),
  };
}

function ofRestore({ gpu, plain }: Pair): Figures {
  return {
    added_restore_ms: ms(added(gpu, plain, ({ toNextStepMs }) => toNextStepMs, 2)),
    restore_ms: ms(gpu.map(({ toNextStepMs }) => toNextStepMs)),
    plain_restore_ms: ms(plain.map(({ toNextStepMs }) => toNextStepMs)),
  };
}

function ofFour({ gpu, plain }: Pair): Figures {
  return {
    four_added_frozen_ms: ms(added(gpu, plain, ({ stillMs }) => stillMs, 4)),
    four_added_beside_dump_ms: ms(added(gpu, plain, besideDump, 4)),
    four_lock_skew_ms: ms(gpu.map(({ skewMs }) => skewMs)),
    four_lock_ms: beyond(gpu, 'lock'),
    four_device_checkpoint_ms: beyond(gpu, 'device-checkpoint'),
    four_device_restore_ms: beyond(gpu, 'device-restore'),
    four_unlock_ms: beyond(gpu, 'unlock'),
  };
}

/** Without CRIU's part, in which nothing of ours differs. */
function besideDump({ stillMs, phases }: Seen): number {
  return stillMs - (phases.get('dump') ?? NaN) - (phases.get('seal') ?? NaN);
}

/** Of each round: with a GPU minus without, minus the calls. */
function added(gpu: readonly Seen[], plain: readonly Seen[], of: (seen: Seen) => number, calls: number): number[] {
  return gpu.map((seen, round) => of(seen) - (plain[round] === undefined ? NaN : of(plain[round])) - calls * CALL_MS);
}

/** A phase of the operation beyond the call of the driver that it is for. */
function beyond(seen: readonly Seen[], phase: string): Figures[string] {
  return ms(seen.map(({ phases }) => (phases.get(phase) ?? NaN) - CALL_MS));
}

function ms(samples: readonly number[]): Figures[string] {
  return { unit: 'ms', samples };
}
