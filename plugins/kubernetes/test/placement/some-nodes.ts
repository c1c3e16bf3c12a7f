// SPDX-License-Identifier: Apache-2.0
import type { KubeNodeFacts } from '../../src/api/source.js';
import type { NodeCandidate } from '../../src/placement/compatible-nodes.js';

const GPU = { uuid: 'GPU-1', model: 'NVIDIA H100', memoryBytes: 80 * 1024 ** 3 };

export const FACTS: KubeNodeFacts = {
  arch: 'amd64',
  kernel: '6.18.0-1-amd64',
  cgroup: 'v2',
  containerd: '2.4.2',
  runc: '1.5.2',
  criu: '4.2.1',
  cpuFlags: ['avx2', 'avx512f', 'sse4_2'],
  lsm: 'apparmor',
  driver: '580.95.05',
  gpus: [GPU, { ...GPU, uuid: 'GPU-2' }],
  freeBytes: 100 * 1024 ** 3,
};

/** A node that is Ready, with an agent that is, too. */
export function candidate(
  name: string,
  facts: KubeNodeFacts = FACTS,
  changes: Partial<NodeCandidate> = {},
): NodeCandidate {
  return {
    node: { metadata: { name }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    gritNode: { metadata: { name }, status: { phase: 'Ready', facts } },
    ...changes,
  };
}
