// SPDX-License-Identifier: Apache-2.0
import type { Container, Pod } from '../../src/api/core-kinds.js';
import type { ObjectMeta } from '../../src/api/metadata.js';

/** A pod of a Job, as the API server stores it. */
export function jobPod(changes: { metadata?: Partial<ObjectMeta>; spec?: Partial<Pod['spec']> } = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'train-x7k2p',
      generateName: 'train-',
      namespace: 'default',
      uid: 'b3a6b1d4-0000-4000-8000-000000000001',
      labels: { app: 'train', 'batch.kubernetes.io/job-name': 'train' },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: 'train',
          uid: 'job-uid',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      ...changes.metadata,
    },
    spec: {
      containers: [trainContainer()],
      restartPolicy: 'Never',
      serviceAccountName: 'default',
      volumes: [tokenVolume('x7k2p')],
      ...changes.spec,
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

export function trainContainer(changes: Partial<Container> = {}): Container {
  return {
    name: 'train',
    image: 'localhost/train:1',
    command: ['python3', 'train.py'],
    env: [{ name: 'EPOCHS', value: '3' }],
    resources: { limits: { memory: '2Gi', 'nvidia.com/gpu': '1' } },
    volumeMounts: [tokenMount('x7k2p')],
    ...changes,
  };
}

export function tokenVolume(suffix: string): Record<string, unknown> {
  return { name: `kube-api-access-${suffix}`, projected: { defaultMode: 420, sources: [] } };
}

export function tokenMount(suffix: string): Record<string, unknown> {
  return {
    name: `kube-api-access-${suffix}`,
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  };
}
