// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { GritError, type WorkloadRef } from '@grit/plugin-api';
import type { ContainerdClient, ContainerdContainer } from '../containerd/containerd-client.js';
import { podOf, type PodIdentity } from './pod-of.js';
import { isAlive } from '../process/process-facts.js';

/** The parts of an OCI specification that are used here. */
interface PodSpec {
  readonly hostname?: string;
  readonly linux?: { readonly namespaces?: readonly { readonly type: string; readonly path?: string }[] };
  readonly mounts?: readonly { readonly destination: string; readonly source?: string; readonly type?: string }[];
}

/** A container of a pod. */
interface PodContainer {
  /** containerd's, and runc's. */
  readonly id: string;
  /** Kubernetes'; empty for the sandbox. */
  readonly name: string;
  readonly kind: 'sandbox' | 'container';
  /** Nanoseconds since the epoch, not exact. */
  readonly createdAt: number;
  /** Host pid of its first process, while it runs. */
  readonly pid: number | undefined;
  readonly spec: PodSpec;
  /** As it is, to be kept. */
  readonly specText: Uint8Array;
  readonly snapshotter: string;
  readonly snapshotKey: string;
  /** Directory with runc's state of the containers; undefined for a runtime that is not runc. */
  readonly runcRoot: string | undefined;
}

/** A pod as containerd knows it at this moment. */
export interface PodView {
  readonly pod: PodIdentity;
  readonly sandbox: PodContainer | undefined;
  /** All but sandboxes, in the order in which they were made; of those with the same name only the last. */
  readonly containers: readonly PodContainer[];
}

const RUNC_ROOT = '/run/containerd/runc';
const NAMESPACE = 'k8s.io';
const LIVING = ['CREATED', 'RUNNING', 'PAUSED', 'PAUSING'];

/** Looks for the pod with this UID. One of which nothing is there has no containers. Errors: GRIT_REQUEST_INVALID, GRIT_RUNTIME_UNAVAILABLE. */
export async function findPod(client: ContainerdClient, ref: WorkloadRef, signal: AbortSignal): Promise<PodView> {
  const pod = podOf(ref);
  const [found, tasks] = await Promise.all([
    client.containers(`labels."io.kubernetes.pod.uid"==${pod.uid}`, signal),
    client.tasks(signal),
  ]);
  const pids = new Map(
    tasks.filter(({ status }) => LIVING.includes(status)).map((task) => [task.containerId, task.pid]),
  );
  // containerd hears of an end a moment later.
  const living = async (pid: number | undefined): Promise<number | undefined> =>
    pid !== undefined && (await isAlive(pid)) ? pid : undefined;
  const all = await Promise.all(
    found.map(async (container) => toPodContainer(client, container, await living(pids.get(container.id)))),
  );
  all.sort((a, b) => a.createdAt - b.createdAt);
  // Those of before a restart are kept for a while.
  const last = new Map(all.map((container) => [`${container.kind}/${container.name}`, container]));
  const containers = all.filter((one) => one.kind === 'container' && last.get(`container/${one.name}`) === one);
  return { pod, sandbox: last.get('sandbox/'), containers };
}

/** Its containers that run, with their pids. Throws GRIT_WORKLOAD_NOT_FOUND when there is nothing of it on this node. */
export function runningContainers({ pod, containers }: PodView): readonly RunningContainer[] {
  if (containers.length === 0) {
    throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `this node has no container of pod ${pod.namespace}/${pod.name}`);
  }
  return containers.filter((container): container is RunningContainer => container.pid !== undefined);
}

/** A container with a process. */
export type RunningContainer = PodContainer & { readonly pid: number };

function toPodContainer(
  client: ContainerdClient,
  container: ContainerdContainer,
  pid: number | undefined,
): PodContainer {
  const { id, labels, spec, snapshotter, snapshotKey, createdAt } = container;
  const runc = client.runcOptions(container);
  const specText = spec?.value ?? Buffer.from('{}');
  return {
    id,
    name: labels['io.kubernetes.container.name'] ?? '',
    kind: labels['io.cri-containerd.kind'] === 'sandbox' ? 'sandbox' : 'container',
    createdAt: (createdAt?.seconds ?? 0) * 1e9 + (createdAt?.nanos ?? 0),
    pid,
    spec: JSON.parse(Buffer.from(specText).toString()) as PodSpec,
    specText,
    snapshotter,
    snapshotKey,
    runcRoot: runc === undefined ? undefined : join(runc.root === '' ? RUNC_ROOT : runc.root, NAMESPACE),
  };
}
