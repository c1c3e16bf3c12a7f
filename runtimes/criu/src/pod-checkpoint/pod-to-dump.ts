// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, NAME_PATTERN } from '@grit/plugin-api';
import type { ContainerCgroup } from '../cgroup/container-cgroup.js';
import type { ContainerdClient } from '../containerd/containerd-client.js';
import { emptyDirsIn, kubeletDirectoryOf, sharedMemoryOf } from '../pod/pod-directories.js';
import { runningContainers, type PodView, type RunningContainer } from '../pod/pod-view.js';
import { cgroupOfContainer } from '../pod/pod-cgroup.js';

/** A container that is to be dumped. */
export interface ContainerToDump {
  readonly container: RunningContainer;
  readonly cgroup: ContainerCgroup;
  /** Its changes above the image. */
  readonly upper: string;
  /** A restartable init container: it was made before an init container that has ended. */
  readonly sidecar: boolean;
}

/** A directory that belongs to the pod and not to one container. */
interface PodVolume {
  readonly name: string;
  readonly directory: string;
}

/** Everything of a pod that an image is made of. */
export interface PodToDump {
  readonly view: PodView;
  readonly containers: readonly ContainerToDump[];
  /** Those of the kind emptyDir. */
  readonly volumes: readonly PodVolume[];
  /** The directory that the containers share as /dev/shm. */
  readonly shm: string | undefined;
}

/**
 * Finds all of it. Containers that have ended well before the last one was made are init containers: their work is done. Errors:
 * GRIT_WORKLOAD_NOT_FOUND; GRIT_WORKLOAD_NOT_RUNNING naming the container that does not run; GRIT_UNSUPPORTED for a root without an upper layer.
 */
export async function podToDump(
  client: ContainerdClient,
  view: PodView,
  kubeletDirectory: string,
  signal: AbortSignal,
): Promise<PodToDump> {
  const running = runningContainers(view);
  const ended = view.containers.filter(({ pid }) => pid === undefined);
  const lastMade = Math.max(...view.containers.map(({ createdAt }) => createdAt));
  for (const { id, name } of ended) {
    const end = await client.endOf(id, signal);
    const isDone = end?.exitCode === 0 && end.finishedAt > 0 && end.finishedAt < lastMade;
    if (!isDone || running.length === 0) {
      throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `container ${name} of pod ${view.pod.name} does not run`);
    }
  }
  const containers = running.map(async (container): Promise<ContainerToDump> => ({
    container,
    cgroup: await cgroupOf(container),
    upper: await upperOf(client, container, signal),
    sidecar: ended.some(({ createdAt }) => createdAt > container.createdAt),
  }));
  return {
    view,
    containers: await Promise.all(containers),
    volumes: await emptyDirectories(view, kubeletDirectory),
    shm: view.sandbox && sharedMemoryOf(mountsOf(view), view.sandbox.id),
  };
}

async function cgroupOf({ pid, id, name }: RunningContainer): Promise<ContainerCgroup> {
  const group = await cgroupOfContainer(pid, id);
  if (group !== undefined) return group;
  throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `container ${name} has ended, or has no control group of its own`);
}

async function upperOf(
  client: ContainerdClient,
  { name, snapshotter, snapshotKey }: RunningContainer,
  signal: AbortSignal,
): Promise<string> {
  const mounts = await client.mounts(snapshotter, snapshotKey, signal);
  const overlay = mounts.find(({ type }) => type === 'overlay');
  const upper = overlay?.options.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length);
  if (upper !== undefined) return upper;
  throw new GritError(
    'GRIT_UNSUPPORTED',
    `the root of container ${name} is no overlay, but of snapshotter ${snapshotter}`,
    {
      hint: 'Use the overlayfs snapshotter of containerd on this node.',
    },
  );
}

/** All that the kubelet has for this pod, whether they are mounted as a whole, in part, or not at all. */
async function emptyDirectories(view: PodView, kubeletDirectory: string): Promise<readonly PodVolume[]> {
  const { uid } = view.pod;
  const directory = emptyDirsIn(kubeletDirectoryOf(mountsOf(view), uid) ?? join(kubeletDirectory, 'pods', uid));
  const names = (await readdir(directory).catch(() => [])).filter((name) => NAME_PATTERN.test(name)).sort();
  return names.map((name) => ({ name, directory: join(directory, name) }));
}

function mountsOf({ containers }: PodView): NonNullable<PodView['containers'][number]['spec']['mounts']> {
  return containers.flatMap(({ spec }) => spec.mounts ?? []);
}
