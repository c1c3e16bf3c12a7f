// SPDX-License-Identifier: Apache-2.0
import type { KubeNode } from '@grit/plugin-kubernetes';

/** Label of all simulated nodes. */
export const SIMULATED = 'simulated.grit.dev/node';

/** How a simulated node looks. */
export interface SimulatedNodeShape {
  /** Default amd64. */
  readonly arch?: string;
  /** How many pods fit; default 260. */
  readonly pods?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** More than CPU and memory, for example `{ 'nvidia.com/gpu': '8' }`. */
  readonly resources?: Readonly<Record<string, string>>;
}

/** A Node as its kubelet registers it. */
export function nodeObject(name: string, shape: SimulatedNodeShape, now: Date): KubeNode {
  const { arch = 'amd64', pods = 260, labels = {}, resources = {} } = shape;
  const allocatable = { cpu: '256', memory: '1Ti', 'ephemeral-storage': '1Ti', pods: String(pods), ...resources };
  const capacity = { capacity: allocatable };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        [SIMULATED]: 'true',
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': arch,
        'kubernetes.io/os': 'linux',
        ...labels,
      },
    },
    spec: {},
    status: {
      ...capacity,
      allocatable,
      conditions: readyConditions(now),
      nodeInfo: {
        architecture: arch,
        bootID: 'simulated',
        containerRuntimeVersion: 'containerd://2.4.2',
        kernelVersion: '6.18.0',
        kubeProxyVersion: '',
        kubeletVersion: 'v1.36.3',
        machineID: name,
        operatingSystem: 'linux',
        osImage: 'simulated',
        systemUUID: name,
      },
    },
  };
}

/** The conditions of a node that is well. */
export function readyConditions(now: Date): { type: string; status: string; reason: string }[] {
  const times = { lastHeartbeatTime: now.toISOString(), lastTransitionTime: now.toISOString() };
  return [
    { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', ...times },
    { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', ...times },
    { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', ...times },
    { type: 'Ready', status: 'True', reason: 'KubeletReady', ...times },
  ];
}

export function isReady(node: KubeNode): boolean {
  return (node.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}
