// SPDX-License-Identifier: Apache-2.0
import {
  CHECKPOINTS,
  CLAIMS,
  MIGRATIONS,
  PODS,
  podSpecHash,
  RESTORES,
  type Checkpoint,
  type CheckpointStatus,
  type Claim,
  type KubeNodeFacts,
  type Migration,
  type ObjectMeta,
  type Pod,
  type PodSpec,
  type ResourceType,
  type Restore,
  type RestoreSpec,
} from '@grit/plugin-kubernetes';

export const FACTS: KubeNodeFacts = {
  arch: 'amd64',
  kernel: '6.18.0',
  cgroup: 'v2',
  runc: '1.5.2',
  criu: '4.2.1',
  cpuFlags: ['avx2', 'sse4_2'],
  lsm: 'none',
};

export const JOB = { apiVersion: 'batch/v1', kind: 'Job', name: 'train', uid: '11111111-1111-4111-8111-111111111111' };

/** A pod as a Job makes it. */
export function podObject(
  namespace: string,
  name: string,
  changes: { metadata?: Partial<ObjectMeta>; spec?: Partial<PodSpec> } = {},
): Pod {
  return {
    apiVersion: PODS.apiVersion,
    kind: PODS.kind,
    metadata: {
      namespace,
      name,
      labels: { app: 'train' },
      ownerReferences: [{ ...JOB, controller: true }],
      ...changes.metadata,
    },
    spec: {
      containers: [{ name: 'train', image: 'localhost/train:1' }],
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      ...changes.spec,
    },
  };
}

/** The same, running on a node. */
export function runningPod(
  namespace: string,
  name: string,
  changes: { metadata?: Partial<ObjectMeta>; spec?: Partial<PodSpec> } = {},
): Pod {
  const pod = podObject(namespace, name, { ...changes, spec: { nodeName: 'node-a', ...changes.spec } });
  return { ...pod, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } };
}

export function checkpointObject(
  namespace: string,
  name: string,
  spec: Checkpoint['spec'],
  status?: CheckpointStatus,
): Checkpoint {
  const made = { apiVersion: CHECKPOINTS.apiVersion, kind: CHECKPOINTS.kind, metadata: { namespace, name }, spec };
  return status === undefined ? made : { ...made, status };
}

/** What a Checkpoint says once its image is stored. `stored` is the pod, as the API server has it. */
export function checkpointed(stored: Pod, more: CheckpointStatus = {}): CheckpointStatus {
  return {
    phase: 'Checkpointed',
    nodeName: 'node-a',
    podName: stored.metadata.name,
    podUID: stored.metadata.uid ?? '',
    podSpecHash: podSpecHash(stored),
    source: { facts: FACTS, owner: JOB, tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] },
    ...more,
  };
}

export function restoreObject(namespace: string, name: string, spec: RestoreSpec): Restore {
  return { apiVersion: RESTORES.apiVersion, kind: RESTORES.kind, metadata: { namespace, name }, spec };
}

export function migrationObject(namespace: string, name: string, spec: Migration['spec']): Migration {
  return { apiVersion: MIGRATIONS.apiVersion, kind: MIGRATIONS.kind, metadata: { namespace, name }, spec };
}

/** A claim that is bound, and its type. */
export function someClaim(namespace: string): [ResourceType<Claim>, Claim] {
  const spec = { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' };
  const { apiVersion, kind } = CLAIMS;
  return [CLAIMS, { apiVersion, kind, metadata: { namespace, name: 'ckpt-store' }, spec, status: { phase: 'Bound' } }];
}
