// SPDX-License-Identifier: Apache-2.0
import type { NodeFacts } from '@grit/plugin-api';
import type { GpuFacts, KubeNodeFacts } from '../api/source.js';
import { defined } from '../kit/defined.js';

const MOST_GPUS = 64;

/** What a runtime with a driver of GPUs says of those of the node. Lists have commas; what is in none of them is not there. */
export function gpusOf(facts: NodeFacts['facts']): Pick<KubeNodeFacts, 'driver' | 'gpus' | 'gpuCount'> {
  const list = (name: string): readonly string[] => facts[name]?.split(',') ?? [];
  const uuids = list('gpu-uuids').filter((uuid) => uuid !== '');
  const driver = facts['gpu-driver'];
  if (uuids.length === 0) return defined({ driver });
  const [models, memory] = [list('gpu-models'), list('gpu-memory-bytes').map(Number)];
  const gpus = uuids.slice(0, MOST_GPUS).map((uuid, index): GpuFacts => {
    const memoryBytes = memory[index];
    return { uuid, model: models[index] ?? '', ...(Number.isSafeInteger(memoryBytes) ? defined({ memoryBytes }) : {}) };
  });
  return defined({ driver, gpus, gpuCount: uuids.length });
}
