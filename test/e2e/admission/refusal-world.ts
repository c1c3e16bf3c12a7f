// SPDX-License-Identifier: Apache-2.0
import {
  CHECKPOINTS,
  CLAIMS,
  KEYS,
  PODS,
  STORES,
  type Checkpoint,
  type CheckpointStatus,
  type CheckpointStoreSpec,
  type KubeObject,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import type { AdmissionPlatform } from './admission-platform.js';
import { checkpointed, checkpointObject, JOB, podObject, runningPod } from './some-objects.js';

const STORAGE_CLASSES: ResourceType = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
};
const OTHERS = 'others';

/** Pods, claims, stores and Checkpoints of all sorts, right and wrong. */
export async function createRefusalWorld(platform: AdmissionPlatform, namespace: string): Promise<void> {
  await platform.namespace(namespace);
  await platform.namespace(OTHERS);
  await createPods(platform, namespace);
  await createClaims(platform, namespace);
  await createStores(platform);
  await createCheckpoints(platform, namespace);
}

async function createPods(platform: AdmissionPlatform, namespace: string): Promise<void> {
  const labels = {};
  const daemon = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agents', uid: JOB.uid, controller: true };
  const mirror = { 'kubernetes.io/config.mirror': 'x' };
  const hook = { name: 'train', image: 'localhost/train:1', lifecycle: { postStart: { exec: { command: ['true'] } } } };
  const held = { schedulingGates: [{ name: 'test.grit.dev/held' }] };
  await platform.create(PODS, podObject(namespace, 'waiting', { metadata: { labels }, spec: held }));
  await platform.create(PODS, {
    ...runningPod(namespace, 'finished', { metadata: { labels } }),
    status: { phase: 'Succeeded' },
  });
  for (const pod of [
    runningPod(namespace, 'train-1'),
    runningPod(namespace, 'bare', { metadata: { ownerReferences: [] } }),
    runningPod(namespace, 'daemon', { metadata: { labels: { app: 'daemon' }, ownerReferences: [daemon] } }),
    runningPod(namespace, 'claim-pod', { metadata: { labels: { [KEYS.helper]: 'grit-agent' } } }),
    runningPod(namespace, 'on-bare', { metadata: { labels }, spec: { nodeName: 'node-bare' } }),
    runningPod(namespace, 'on-broken', { metadata: { labels }, spec: { nodeName: 'node-broken' } }),
    runningPod(namespace, 'on-lost', { metadata: { labels }, spec: { nodeName: 'node-lost' } }),
    runningPod(namespace, 'static', { metadata: { labels, annotations: mirror, ownerReferences: [] } }),
    runningPod(namespace, 'hooked', { metadata: { labels }, spec: { containers: [hook] } }),
    runningPod(OTHERS, 'train-1'),
  ]) {
    await platform.create(PODS, pod);
  }
}

async function createClaims(platform: AdmissionPlatform, namespace: string): Promise<void> {
  const late = { provisioner: 'test.grit.dev/none', volumeBindingMode: 'WaitForFirstConsumer' };
  await platform.create(STORAGE_CLASSES, { ...objectOf(STORAGE_CLASSES, { name: 'late' }), ...late });
  const claims: [string, string, string, string][] = [
    [namespace, 'ckpt-store', 'ReadWriteMany', 'Bound'],
    [namespace, 'unbound', 'ReadWriteMany', 'Pending'],
    [namespace, 'late', 'ReadWriteMany', 'Pending'],
    [namespace, 'lost', 'ReadWriteMany', 'Lost'],
    [namespace, 'read-only', 'ReadOnlyMany', 'Bound'],
    [namespace, 'leaving', 'ReadWriteMany', 'Bound'],
    [OTHERS, 'ckpt-store', 'ReadWriteMany', 'Bound'],
  ];
  for (const [where, name, mode, phase] of claims) {
    const spec = {
      accessModes: [mode],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: name === 'late' ? 'late' : '',
    };
    // A claim that is in use stays until it is not.
    const finalizers = name === 'leaving' ? ['test.grit.dev/in-use'] : [];
    await platform.create(CLAIMS, {
      ...objectOf(CLAIMS, { namespace: where, name, finalizers }),
      spec,
      status: { phase: phase as 'Bound' | 'Pending' | 'Lost' },
    });
  }
  await platform.admin.delete(CLAIMS, { namespace, name: 'leaving' }, {}, platform.signal);
}

async function createStores(platform: AdmissionPlatform): Promise<void> {
  const store = async (name: string, phase: string, more: Partial<CheckpointStoreSpec> = {}): Promise<void> => {
    const spec = { plugin: 'storage-pvc', ...more };
    const created = await platform.create(STORES, { ...objectOf(STORES, { name }), spec });
    await platform.setStatus(STORES, created, { phase });
  };
  await store('good', 'Ready');
  await store('broken', 'NotReady');
  await store('private', 'Ready', { namespaces: [OTHERS] });
}

async function createCheckpoints(platform: AdmissionPlatform, namespace: string): Promise<void> {
  const { admin, signal } = platform;
  const train = await admin.get(PODS, { namespace, name: 'train-1' }, signal);
  const bare = await admin.get(PODS, { namespace, name: 'bare' }, signal);
  const { owner: _, ...ownerless } = checkpointed(bare).source ?? {};
  const error = { code: 'GRIT_STORAGE_FULL', message: 'no room', hint: 'make room', retryable: false };
  const checkpoint = async (
    where: string,
    name: string,
    pod: string,
    status: CheckpointStatus,
  ): Promise<Checkpoint> => {
    const spec = { podName: pod, volumeClaim: { claimName: 'ckpt-store' } };
    return platform.create(CHECKPOINTS, checkpointObject(where, name, spec, status));
  };
  await checkpoint(namespace, 'done', 'train-1', checkpointed(train));
  await checkpoint(namespace, 'done-bare', 'bare', checkpointed(bare, { source: ownerless }));
  await checkpoint(namespace, 'early', 'train-1', { phase: 'Pending' });
  await checkpoint(namespace, 'failed', 'train-1', { phase: 'Failed', error });
  await checkpoint(OTHERS, 'secret', 'train-1', checkpointed(train));
  const shared = checkpointObject(OTHERS, 'shared', { podName: 'train-1', volumeClaim: { claimName: 'ckpt-store' } });
  const metadata = { ...shared.metadata, annotations: { [KEYS.allowNamespaces]: `somebody, ${namespace}` } };
  await platform.create(CHECKPOINTS, { ...shared, metadata, status: checkpointed(train) });
}

function objectOf<M extends KubeObject['metadata']>(type: ResourceType, metadata: M) {
  return { apiVersion: type.apiVersion, kind: type.kind, metadata };
}
