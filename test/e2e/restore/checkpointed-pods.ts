// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  CHECKPOINTS,
  KEYS,
  PODS,
  RESTORES,
  type Pod,
  type Restore,
  type RestoreSpec,
  type RestoreStatus,
} from '@grit/plugin-kubernetes';
import { deploymentObject, DEPLOYMENTS, jobObject, JOBS } from '../../simulated/workload-objects.js';
import type { KubePlatform } from '../kubernetes/platform.js';

export const NAMESPACE = 'default';
export const never = new AbortController().signal;

/** A workload of one pod that was checkpointed and runs on. */
export interface CheckpointedWorkload {
  /** UID of whoever makes the pod anew. */
  readonly uid: string;
  readonly pod: Pod;
}

/** The pods with this label `app` that run, once there are so many. */
export async function runningPods(platform: KubePlatform, app: string, count = 1): Promise<readonly Pod[]> {
  const running = (pods: readonly Pod[]): readonly Pod[] =>
    pods.filter(({ metadata, status }) => metadata.labels?.['app'] === app && status?.phase === 'Running');
  return running(await platform.untilAll(PODS, `${count} pods of ${app} run`, (pods) => running(pods).length >= count));
}

/** Makes a Job and a Checkpoint of its pod, both of this name. A Job takes its time to make a pod anew. */
export async function checkpointedJob(platform: KubePlatform, name: string): Promise<CheckpointedWorkload> {
  const job = jobObject(name, NAMESPACE);
  // A pod that is deleted by hand counts as a failure.
  await platform.create(JOBS, { ...job, spec: { ...job.spec, backoffLimit: 20 } });
  return checkpointed(platform, name);
}

/** Makes a Deployment of one pod and a Checkpoint of it, both of this name. */
export async function checkpointedDeployment(platform: KubePlatform, name: string): Promise<CheckpointedWorkload> {
  await platform.create(DEPLOYMENTS, deploymentObject(name, NAMESPACE, 1));
  return checkpointed(platform, name);
}

async function checkpointed(platform: KubePlatform, name: string): Promise<CheckpointedWorkload> {
  const [pod] = await runningPods(platform, name);
  assert.ok(pod);
  await checkpoint(platform, name, pod);
  return { uid: pod.metadata.ownerReferences?.[0]?.uid ?? '', pod };
}

/** The seed's Checkpoint: the pod goes on afterwards. */
async function checkpoint(platform: KubePlatform, name: string, pod: Pod): Promise<void> {
  await platform.create(CHECKPOINTS, {
    metadata: { name, namespace: NAMESPACE },
    spec: { podName: pod.metadata.name },
  });
  await platform.untilPhase(CHECKPOINTS, { name, namespace: NAMESPACE }, 'Checkpointed');
}

/** A Restore by hand, as the seed has it: it waits for the next pod of the owner. */
export async function restoreByHand(
  platform: KubePlatform,
  name: string,
  spec: Omit<RestoreSpec, 'checkpointName'> = {},
): Promise<Restore> {
  const ref = { name, namespace: NAMESPACE };
  await platform.create(RESTORES, { metadata: ref, spec: { checkpointName: name, ...spec } });
  await until(platform, name, 'waits for a pod', ({ conditions }) =>
    (conditions ?? []).some(({ type, status }) => type === 'WaitingForPod' && status === 'True'),
  );
  return platform.client.get(RESTORES, ref, never);
}

export function until(
  platform: KubePlatform,
  name: string,
  what: string,
  predicate: (status: RestoreStatus) => boolean,
): Promise<Restore> {
  return platform.until(RESTORES, { name, namespace: NAMESPACE }, what, ({ status }) => predicate(status ?? {}));
}

export function ended(platform: KubePlatform, name: string): Promise<Restore> {
  return platform.untilPhase(RESTORES, { name, namespace: NAMESPACE }, 'Restored', 'ColdStarted', 'Failed');
}

export async function deletePod(platform: KubePlatform, { metadata }: Pod): Promise<void> {
  const ref = { name: metadata.name, namespace: metadata.namespace ?? NAMESPACE };
  await platform.client.delete(PODS, ref, metadata.uid === undefined ? {} : { uid: metadata.uid }, never);
}

/** The pod that the Restore says went on. */
export async function targetOf(platform: KubePlatform, { metadata, status }: Restore): Promise<Pod> {
  const ref = { name: status?.targetPod ?? '', namespace: metadata.namespace ?? NAMESPACE };
  const pod = await platform.client.get(PODS, ref, never);
  assert.equal(pod.metadata.uid, status?.targetPodUID);
  assert.equal(pod.metadata.annotations?.[KEYS.restoreName], metadata.name);
  return pod;
}
