// SPDX-License-Identifier: Apache-2.0
// A process that comes back on another GPU than it had.
import assert from 'node:assert/strict';
import type { Gpu, GpuPair } from '@grit/runtime-nvidia';
import type { Bed, Ground } from '../bed.js';
import { checkCount } from '../count-checksum.js';
import { giveGpu, takeGpu } from '../device-steps.js';
import type { Job } from '../process/job.js';
import { Skip } from '../report.js';
import { throughCriu, usable } from '../through-criu.js';

const MIB = 64;

export async function changeGpu(bed: Bed): Promise<void> {
  const { calls, figures, report } = bed.ground;
  await report.test(`map: restored on another GPU by its UUID, ${MIB} MiB`, async (signal) =>
    withOther(bed, signal, async (job, pairs) => {
      await takeGpu(calls, job.pid, signal);
      const times = await giveGpu(calls, job.pid, pairs, signal);
      for (const [call, time] of Object.entries(times)) figures.add(`map_${call}_ms`, time);
    }),
  );
  await report.test(`map: the same through CRIU, ${MIB} MiB`, async (signal) => {
    usable(bed.ground.criu);
    return await withOther(bed, signal, async (job, pairs) => {
      await throughCriu(bed.ground, job, 'map_process', pairs, signal);
    });
  });
  await report.test('map: one that leaves a GPU out is refused', async (signal) => {
    const [first, second] = requireTwo(bed.ground);
    const job = await bed.startCount(MIB);
    try {
      await job.untilLines('step', 3, signal);
      await takeGpu(calls, job.pid, signal);
      const pairs = [{ from: first.uuid, to: second.uuid }];
      await assert.rejects(calls.restore(job.pid, pairs, signal), { resultName: 'CUDA_ERROR_INVALID_VALUE' });
      return undefined;
    } finally {
      await bed.end(job);
    }
  });
}

/** Starts a process on the first GPU, and checks that after the move it goes on with its memory on the second. */
async function withOther(
  bed: Bed,
  signal: AbortSignal,
  move: (job: Job, pairs: readonly GpuPair[]) => Promise<void>,
): Promise<string> {
  const { gpus, nvml } = bed.ground;
  const [first, second] = requireTwo(bed.ground);
  const job = await bed.startCount(MIB);
  try {
    await job.untilLines('step', 3, signal);
    const [had = ''] = await job.lines('gpu');
    assert.ok(had.includes(first.uuid), `it runs on ${had}, not on the first GPU ${first.uuid}`);
    const free = await freeBytes(bed.ground, second.uuid, signal);
    await move(job, exchange(gpus, first, second));
    const before = (await job.lines('step')).length;
    checkCount(await job.untilLines('step', before + 5, signal), MIB);
    const user = (await nvml.processes(signal)).find(({ pid }) => pid === job.pid);
    // In a container NVML may know the process by another pid, or not at all: then the memory tells.
    if (user === undefined) {
      const taken = free - (await freeBytes(bed.ground, second.uuid, signal));
      assert.ok(taken >= MIB * 2 ** 20, `${taken} bytes more are used on ${second.uuid} than before`);
    } else assert.equal(user.gpu, second.uuid);
    return `${first.uuid} → ${second.uuid}`;
  } finally {
    await bed.end(job);
  }
}

/** @throws Skip */
function requireTwo({ driver, gpus, options }: Ground): [Gpu, Gpu] {
  const [first, second] = gpus;
  if (first === undefined || second === undefined) throw new Skip(`one GPU is here, two are needed`);
  if (first.name !== second.name) throw new Skip(`the GPUs differ: ${first.name} and ${second.name}`);
  if (!options.simulated && Number.parseInt(driver, 10) < 580) throw new Skip(`driver ${driver}; it can since 580`);
  return [first, second];
}

/** The map names every GPU that the process sees: two are exchanged, the others stay. */
function exchange(gpus: readonly Gpu[], first: Gpu, second: Gpu): GpuPair[] {
  const swapped = new Map([
    [first.uuid, second.uuid],
    [second.uuid, first.uuid],
  ]);
  return gpus.map(({ uuid }) => ({ from: uuid, to: swapped.get(uuid) ?? uuid }));
}

async function freeBytes({ nvml }: Ground, uuid: string, signal: AbortSignal): Promise<number> {
  return (await nvml.gpus(signal)).find((gpu) => gpu.uuid === uuid)?.freeBytes ?? 0;
}
