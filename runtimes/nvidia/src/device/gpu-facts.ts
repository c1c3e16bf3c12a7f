// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeFacts, NodeProblem } from '@grit/plugin-api';
import { FIRST_WITH_CHECKPOINT, majorOf } from './driver-version.js';
import type { GpuTools } from './gpu-tools.js';

/** Where the specifications of devices lie (https://github.com/cncf-tags/container-device-interface). */
const CDI_DIRECTORIES = ['/etc/cdi', '/var/run/cdi'];

/** See DeviceDriver.probe. Lists are in the order of the minors, separated by commas. */
export async function gpuFacts({ nvml }: Pick<GpuTools, 'nvml'>, signal: AbortSignal): Promise<NodeFacts> {
  const problems: NodeProblem[] = [];
  try {
    const [version, gpus] = await Promise.all([nvml.driverVersion(signal), nvml.gpus(signal)]);
    const list = (values: readonly (string | number)[]): string => values.join(',');
    if (majorOf(version) < FIRST_WITH_CHECKPOINT) {
      problems.push({
        message: `the NVIDIA driver ${version} cannot checkpoint`,
        hint: `Install driver ${FIRST_WITH_CHECKPOINT} or later.`,
      });
    }
    return answer(problems, {
      gpus: String(gpus.length),
      'gpu-driver': version,
      'gpu-models': list(gpus.map(({ name }) => name)),
      'gpu-uuids': list(gpus.map(({ uuid }) => uuid)),
      'gpu-memory-bytes': list(gpus.map(({ memoryBytes }) => memoryBytes)),
      'gpu-free-bytes': list(gpus.map(({ freeBytes }) => freeBytes)),
      'gpu-persistence': list(gpus.map(({ persistence }) => (persistence ? 'on' : 'off'))),
      'gpu-mig': list(gpus.map(({ mig }) => (mig ? 'on' : 'off'))),
      'gpu-cdi': (await hasCdi()) ? 'yes' : 'no',
    });
  } catch (error) {
    const { message, hint } = error as Error & { readonly hint?: string };
    problems.push({ message, hint: hint ?? 'Install the NVIDIA driver where this node has a GPU.' });
    return answer(problems, { gpus: '0' });
  }
}

function answer(problems: readonly NodeProblem[], facts: Readonly<Record<string, string>>): NodeFacts {
  const [problem] = problems;
  return {
    ready: problem === undefined,
    problems,
    facts: { ...facts, ...(problem === undefined ? {} : { 'gpu-problem': problem.message }) },
  };
}

async function hasCdi(): Promise<boolean> {
  for (const directory of CDI_DIRECTORIES) {
    for (const name of await readdir(directory).catch(() => [])) {
      const text = await readFile(join(directory, name), 'utf8').catch(() => '');
      if (text.includes('nvidia.com/gpu')) return true;
    }
  }
  return false;
}
