// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GpuPair } from '@grit/runtime-nvidia';
import type { Ground } from './bed.js';
import type { CriuProgram } from './criu-program.js';
import { giveGpu, takeGpu } from './device-steps.js';
import { timed } from './figures.js';
import type { Job } from './process/job.js';
import { filesBelow } from './process/process-state.js';
import { Skip } from './report.js';

/**
 * The whole way of a process: its GPU is taken, it is dumped and killed, restored, and given a GPU. The times go into the
 * figures as NAME_lock_ms and so on.
 * @param pairs the map of its GPUs, empty when they stay the same; `none`: it has no GPU, only CRIU acts
 */
export async function throughCriu(
  { calls, criu, deviceFiles, directory, figures }: Ground,
  job: Job,
  name: string,
  pairs: readonly GpuPair[] | 'none',
  signal: AbortSignal,
): Promise<void> {
  const program = usable(criu);
  const images = join(directory, `${name}-images`);
  const times: Record<string, number> = pairs === 'none' ? {} : await takeGpu(calls, job.pid, signal);
  assert.deepEqual(await filesBelow(job.pid, deviceFiles), [], 'files of the GPU that are still open');
  times['dump'] = await timed(() => program.dump(job.pid, images, signal));
  await job.untilGone(signal);
  times['criu_restore'] = await timed(() => program.restore(images, signal));
  assert.ok(await job.isAlive(), 'CRIU says that it has restored the process, but it is not there');
  if (pairs !== 'none') Object.assign(times, await giveGpu(calls, job.pid, pairs, signal));
  for (const [step, milliseconds] of Object.entries(times)) figures.add(`${name}_${step}_ms`, milliseconds);
  // They are large; what failed keeps them.
  await rm(images, { recursive: true });
}

/** CRIU, where it can be used. @throws Skip */
export function usable(criu: Ground['criu']): CriuProgram {
  if ('reason' in criu) throw new Skip(criu.reason);
  return criu;
}
