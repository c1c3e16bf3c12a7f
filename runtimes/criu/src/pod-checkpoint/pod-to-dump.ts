// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, NAME_PATTERN, type ContainerChoice, type DeviceProcess } from '@grit/plugin-api';
import type { ContainerCgroup } from '../cgroup/container-cgroup.js';
import type { ContainerdClient } from '../containerd/containerd-client.js';
import { deviceProcesses } from '../devices/device-processes.js';
import { emptyDirsIn, kubeletDirectoryOf, sharedMemoryOf } from '../pod/pod-directories.js';
import { runningContainers, type PodView, type RunningContainer } from '../pod/pod-view.js';
import { cgroupOfContainer } from '../pod/pod-cgroup.js';
import { chooseContainers } from './choose-containers.js';

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

/** A container that is left out, and runs. */
type ContainerBeside = Pick<ContainerToDump, 'container' | 'cgroup'>;

/** Everything of a pod that an image is made of. */
export interface PodToDump {
  readonly view: PodView;
  readonly containers: readonly ContainerToDump[];
  /** Those that run and are left out. */
  readonly besides: readonly ContainerBeside[];
  /** Names of all that are left out. */
  readonly leftOut: readonly string[];
  /** Names of those that had done their work. */
  readonly finished: readonly string[];
  /** Those of the kind emptyDir. */
  readonly volumes: readonly PodVolume[];
  /** The directory that the containers share as /dev/shm. */
  readonly shm: string | undefined;
}

/**
 * Finds all of it. Containers that have ended well before the last one was made are init containers: their work is done. Errors:
 * GRIT_WORKLOAD_NOT_FOUND; GRIT_WORKLOAD_NOT_RUNNING naming the container that does not run; GRIT_REQUEST_INVALID when none is left;
 * GRIT_UNSUPPORTED for a root without an upper layer.
 */
export async function podToDump(
  client: ContainerdClient,
  view: PodView,
  kubeletDirectory: string,
  choice: ContainerChoice | undefined,
  signal: AbortSignal,
): Promise<PodToDump> {
  const { name: podName, uid } = view.pod;
  const home = kubeletDirectoryOf(mountsOf(view), uid) ?? join(kubeletDirectory, 'pods', uid);
  const running = runningContainers(view);
  const known = await namesIn(view, home);
  const chosen = chooseContainers(known, running, choice);
  const isLeftOut = ({ name }: { readonly name: string }): boolean => chosen.leftOut.includes(name);
  const ended = view.containers.filter((one) => one.pid === undefined && !isLeftOut(one));
  const lastMade = Math.max(...view.containers.map(({ createdAt }) => createdAt));
  for (const { id, name } of ended) {
    const end = await client.endOf(id, signal);
    const isDone = end?.exitCode === 0 && end.finishedAt > 0 && end.finishedAt < lastMade;
    if (!isDone || running.length === 0) {
      throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `container ${name} of pod ${podName} does not run`);
    }
  }
  const inImage = running.filter((one) => !isLeftOut(one));
  if (inImage.length === 0) {
    throw new GritError('GRIT_REQUEST_INVALID', `no container of pod ${podName} is left to be checkpointed`);
  }
  const containers = inImage.map(async (container): Promise<ContainerToDump> => ({
    container,
    cgroup: await cgroupOf(container),
    upper: await upperOf(client, container, signal),
    sidecar: ended.some(({ createdAt }) => createdAt > container.createdAt),
  }));
  const besides = running
    .filter(isLeftOut)
    .map(async (container) => ({ container, cgroup: await cgroupOf(container) }));
  return {
    view,
    containers: await Promise.all(containers),
    besides: await Promise.all(besides),
    ...chosen,
    volumes: await emptyDirectories(home),
    shm: view.sandbox && sharedMemoryOf(mountsOf(view), view.sandbox.id),
  };
}

/** The processes of the containers, for who looks after their devices. */
export async function processesOf(
  containers: readonly Pick<ContainerToDump, 'container' | 'cgroup'>[],
): Promise<readonly DeviceProcess[]> {
  const found = containers.map(async ({ container, cgroup }) => deviceProcesses(container.name, await cgroup.pids()));
  return (await Promise.all(found)).flat();
}

/** All containers that the pod ever had: containerd may have forgotten those that have ended, the kubelet has a directory for each. */
async function namesIn({ containers }: PodView, home: string): Promise<readonly string[]> {
  const made = await readdir(join(home, 'containers')).catch(() => []);
  return [...new Set([...containers.map(({ name }) => name), ...made.filter((name) => NAME_PATTERN.test(name))])];
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
async function emptyDirectories(home: string): Promise<readonly PodVolume[]> {
  const directory = emptyDirsIn(home);
  const names = (await readdir(directory).catch(() => [])).filter((name) => NAME_PATTERN.test(name)).sort();
  return names.map((name) => ({ name, directory: join(directory, name) }));
}

function mountsOf({ containers }: PodView): NonNullable<PodView['containers'][number]['spec']['mounts']> {
  return containers.flatMap(({ spec }) => spec.mounts ?? []);
}
