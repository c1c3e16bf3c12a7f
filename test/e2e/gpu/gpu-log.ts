// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { simChecksum } from '../../fixtures/simgpu/index.js';
import { readLines } from '../../workloads/training-log.js';
import { COUNTER_MIB, type GpuCounter } from './gpu-count.js';

/** A step of a process that counts on a GPU, as it says it. */
export interface GpuStep {
  readonly step: number;
  /** Of what was in the memory of the GPU after it. */
  readonly checksum: string;
  /** UUID of the GPU. */
  readonly gpu: string;
}

/** Reads the steps of a process so far from the folder behind the claim; throws when it says anything else. */
export function readGpuLog(folder: string, { log }: GpuCounter): readonly GpuStep[] {
  const [ready = 'ready', ...lines] = readLines(join(folder, log));
  assert.equal(ready, 'ready', `${log} does not begin as it should`);
  return lines.map((line) => {
    const [, step, checksum = '', gpu = ''] =
      /^step (\d+) checksum ([0-9a-f]{8}) uuid (GPU-[0-9a-f-]{36})$/.exec(line) ?? [];
    assert.ok(step !== undefined, `${log} has the line ${line}`);
    return { step: Number(step), checksum, gpu };
  });
}

/**
 * Asserts that a process has done each step once and in order, each with what must have been in the memory of its GPU. Returns the GPUs on which
 * it was, in order.
 */
export function checkGpuLog(folder: string, counter: GpuCounter): readonly string[] {
  const steps = readGpuLog(folder, counter);
  const wanted = steps.map((_, index) => [index + 1, simChecksum(counter.seed, counter.mib ?? COUNTER_MIB, index + 1)]);
  assert.deepEqual(
    steps.map(({ step, checksum }) => [step, checksum]),
    wanted,
    `${counter.log}: steps are lost or doubled, or the memory of the GPU is not what it was`,
  );
  return steps.map(({ gpu }) => gpu).filter((gpu, index, all) => gpu !== all[index - 1]);
}
