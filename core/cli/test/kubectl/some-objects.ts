// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint, CheckpointStatus, GritNode, KubeNode, Migration, Pod } from '@grit/plugin-kubernetes';

/** A pod that runs on node-a and belongs to a controller of this kind; undefined: to nobody. */
export function pod(name: string, owner?: string, changes: Partial<Pod['spec']> = {}, phase = 'Running'): Pod {
  const ownerReferences =
    owner === undefined ? [] : [{ apiVersion: 'apps/v1', kind: owner, name: 'its-owner', uid: 'o', controller: true }];
  return {
    metadata: { name, namespace: 'default', uid: `uid-of-${name}`, ownerReferences },
    spec: { nodeName: 'node-a', containers: [{ name: 'main' }], ...changes },
    status: { phase: phase as 'Running' },
  };
}

export function node(name: string): KubeNode {
  return { metadata: { name }, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
}

export function gritNode(name: string, arch = 'amd64', phase: 'Ready' | 'NotReady' = 'Ready'): GritNode {
  return { metadata: { name }, status: { phase, agentVersion: '0.1.0', facts: { arch } } };
}

export function migration(status: Migration['status'], spec: Migration['spec'] = { podName: 'train' }): Migration {
  const metadata = { name: 'train-1', namespace: 'default', uid: 'm', creationTimestamp: '2026-01-01T00:00:00Z' };
  return { metadata, spec, ...(status === undefined ? {} : { status }) };
}

export function checkpoint(
  name: string,
  status: CheckpointStatus,
  spec: Checkpoint['spec'] = { podName: 'train' },
): Checkpoint {
  return { metadata: { name, namespace: 'default', uid: name }, spec, status };
}
