// SPDX-License-Identifier: Apache-2.0
// The four calls on a process that runs, without CRIU, beside NVIDIA's command: one round of each, in turns.
import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import type { Nvml } from '@grit/runtime-nvidia';
import type { Bed, Ground } from '../bed.js';
import { checkCount } from '../count-checksum.js';
import type { CudaCheckpoint } from '../cuda-checkpoint.js';
import { bringBack, giveGpu, takeGpu, type CallTimes } from '../device-steps.js';
import type { Job } from '../process/job.js';
import { filesBelow } from '../process/process-state.js';
import { until } from '../process/until.js';
import { reasonOf, Skip } from '../report.js';

const UNSEEN_MS = 10_000;

export async function measureCalls(bed: Bed, yardstick: CudaCheckpoint | undefined): Promise<void> {
  const { options, report } = bed.ground;
  for (const mib of options.sizes) {
    const rival = yardstick === undefined ? undefined : new Rival(yardstick);
    const name = `calls: lock, checkpoint, restore, unlock of ${mib} MiB`;
    await report.test(`${name}, ${options.rounds} rounds`, async (signal) => {
      requireRoom(bed.ground, mib);
      const job = await bed.startCount(mib);
      try {
        checkCount(await job.untilLines('step', 3, signal), mib);
        await measureRounds(bed.ground, job, mib, rival, signal);
        return 'every word of the memory right after each';
      } finally {
        await bed.end(job);
      }
    });
    await report.test(`${name} by cuda-checkpoint`, async () => {
      if (rival === undefined) throw new Skip('no cuda-checkpoint in the PATH');
      if (rival.problem !== undefined) throw new Error(rival.problem);
      if (bed.ground.figures.get(`cli_lock_${mib}mib_ms`).length === 0) throw new Skip('nothing was measured');
      return undefined;
    });
  }
}

/** The command, until it fails once: what it leaves is then put right, and ours goes on. */
class Rival {
  problem: string | undefined;

  constructor(private readonly command: CudaCheckpoint) {}

  async cycle(ground: Ground, pid: number, signal: AbortSignal): Promise<CallTimes | undefined> {
    if (this.problem !== undefined) return undefined;
    try {
      return await this.command.cycle(pid, signal);
    } catch (error) {
      this.problem = reasonOf(error);
      await bringBack(ground.calls, pid, signal);
      return undefined;
    }
  }
}

/** Room on the first GPU, and in the memory of the machine, where a checkpoint puts it. @throws Skip */
function requireRoom({ gpus }: Ground, mib: number): void {
  const free = Math.floor((gpus[0]?.freeBytes ?? 0) / 2 ** 20);
  if (free < mib) throw new Skip(`only ${free} MiB are free on the GPU`);
  const memory = Math.floor(freemem() / 2 ** 20);
  if (memory < mib * 1.5) throw new Skip(`only ${memory} MiB of memory are free`);
}

/** Waits until NVML does not count a process among those of the GPU: the list may come a moment after. @throws Error */
async function untilUnseen(nvml: Nvml, pid: number, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(UNSEEN_MS)]);
  const unseen = async (): Promise<boolean> => !(await nvml.processes(limit)).some((user) => user.pid === pid);
  await until(unseen, limit).catch((error: unknown) => {
    throw new Error('NVML still counts it among the processes of the GPU', { cause: error });
  });
}

/** The first round warms up and does not count. After each cycle the program must find its memory as it left it. */
async function measureRounds(
  ground: Ground,
  job: Job,
  mib: number,
  rival: Rival | undefined,
  signal: AbortSignal,
): Promise<void> {
  const contenders: [string, () => Promise<CallTimes | undefined>][] = [
    ['calls', () => ourCycle(ground, job, signal)],
    ['cli', async () => await rival?.cycle(ground, job.pid, signal)],
  ];
  for (let round = 0; round <= ground.options.rounds; round += 1) {
    for (const [who, cycle] of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const times = await cycle();
      if (times === undefined) continue;
      const before = (await job.lines('step')).length;
      checkCount(await job.untilLines('step', before + 2, signal), mib);
      if (round === 0) continue;
      for (const [call, time] of Object.entries(times)) ground.figures.add(`${who}_${call}_${mib}mib_ms`, Number(time));
    }
  }
}

async function ourCycle({ calls, deviceFiles, nvml }: Ground, job: Job, signal: AbortSignal): Promise<CallTimes> {
  const { pid } = job;
  assert.notEqual(await calls.restoreThread(pid, signal), undefined, 'not seen as a CUDA process');
  const taken = await takeGpu(calls, pid, signal);
  assert.deepEqual(await filesBelow(pid, deviceFiles), [], 'files of the GPU that are open after the checkpoint');
  await untilUnseen(nvml, pid, signal);
  return { ...taken, ...(await giveGpu(calls, pid, [], signal)) };
}
