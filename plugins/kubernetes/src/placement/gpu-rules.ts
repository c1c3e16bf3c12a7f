// SPDX-License-Identifier: Apache-2.0
import type { CheckpointSource, GpuFacts, KubeNodeFacts } from '../api/source.js';
import { compareVersions } from './compare-versions.js';
import { mebibytes } from './mebibytes.js';

/** From these drivers on, memory of one GPU can be put into another. */
const OTHER_GPU_DRIVER = { amd64: '580', arm64: '595' };

/** Why the GPUs of a node cannot take over from those of the source; a sentence each. */
export function gpuReasons(source: CheckpointSource, here: KubeNodeFacts): readonly string[] {
  const count = source.gpuCount ?? 0;
  const there = source.facts ?? {};
  if (count === 0) return [];
  return [driver(there, here), sameGpus(there, here) ? undefined : otherGpus(here), gpus(count, there, here)].filter(
    (reason) => reason !== undefined,
  );
}

/** The libraries of the driver are mapped into the processes by their versioned names, so the version must be the very same. */
function driver(there: KubeNodeFacts, here: KubeNodeFacts): string | undefined {
  if (there.driver === undefined || there.driver === here.driver) return undefined;
  return here.driver === undefined
    ? `no NVIDIA driver here, ${there.driver} there`
    : `NVIDIA driver ${here.driver} here, ${there.driver} there: it must be the same version`;
}

function otherGpus(here: KubeNodeFacts): string | undefined {
  if (here.driver === undefined) return undefined;
  const least = here.arch === 'arm64' ? OTHER_GPU_DRIVER.arm64 : OTHER_GPU_DRIVER.amd64;
  const difference = compareVersions(here.driver, least);
  return difference === undefined || difference >= 0
    ? undefined
    : `NVIDIA driver ${here.driver} here, at least ${least} is needed to go on on other GPUs than there`;
}

function gpus(count: number, there: KubeNodeFacts, here: KubeNodeFacts): string | undefined {
  const model = there.gpus?.[0]?.model;
  const present = here.gpus ?? [];
  const same = model === undefined ? present : present.filter((gpu) => gpu.model === model);
  if (same.length < count) {
    return `${describe(present)} here, ${count} × ${model ?? 'GPU'} there`;
  }
  const memory = Math.max(0, ...(there.gpus ?? []).map((gpu) => gpu.memoryBytes ?? 0));
  const enough = same.filter((gpu) => gpu.memoryBytes === undefined || gpu.memoryBytes >= memory);
  if (enough.length >= count) return undefined;
  const least = Math.min(...same.map((gpu) => gpu.memoryBytes ?? memory));
  return `GPU memory ${mebibytes(least)} here, ${mebibytes(memory)} there`;
}

function describe(present: readonly GpuFacts[]): string {
  if (present.length === 0) return 'no GPU';
  const models = new Map<string, number>();
  for (const { model } of present) models.set(model, (models.get(model) ?? 0) + 1);
  return [...models].map(([model, count]) => `${count} × ${model}`).join(', ');
}

function sameGpus(there: KubeNodeFacts, here: KubeNodeFacts): boolean {
  const uuids = new Set((here.gpus ?? []).map((gpu) => gpu.uuid));
  return there.gpus !== undefined && there.gpus.every((gpu) => uuids.has(gpu.uuid));
}
