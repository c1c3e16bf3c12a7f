// SPDX-License-Identifier: Apache-2.0
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkName, GritError } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';
import { emptyDirsIn, kubeletDirectoryOf, sharedMemoryOf } from '../pod/pod-directories.js';
import type { PodRecord } from '../pod/pod-image.js';
import { unpackRoot } from '../rootfs/root-diff.js';
import { pathThrough, type Shim } from './caller.js';
import type { PodBundle } from './pod-bundle.js';
import type { Attempt } from './restore-record.js';

/** A directory of the pod that is to get the content of a part. */
interface Filling {
  /** Name of the emptyDir; undefined for the shared memory. */
  readonly volume: string | undefined;
  /** As the shim sees it. */
  readonly directory: string;
  /** Absolute path of the tar here. */
  readonly tar: string;
}

/**
 * What can be filled at the call of this container and has not been. The volumes are there before the sandbox is, but only the mounts of a
 * container tell where a kubelet has them that is not set up as usual. @param image - directory with the parts
 */
export async function fillingsFor(
  node: NodeEnvironment,
  shim: Shim,
  bundle: PodBundle,
  record: PodRecord,
  image: string,
  attempt: Attempt,
): Promise<readonly Filling[]> {
  const told = kubeletDirectoryOf(bundle.mounts, bundle.pod.uid);
  const home = told ?? join(node.config.kubeletDirectory, 'pods', bundle.pod.uid);
  const fillings: Filling[] = [];
  for (const { name } of record.volumes) {
    const directory = join(emptyDirsIn(home), checkName(name, 'volume'));
    if (attempt.volumes.includes(name)) continue;
    if (told === undefined && !(await isDirectory(pathThrough(shim, directory)))) continue;
    fillings.push({ volume: name, directory, tar: join(image, 'volumes', `${name}.tar`) });
  }
  const memory =
    record.shm && attempt.memory !== bundle.sandbox ? sharedMemoryOf(bundle.mounts, bundle.sandbox) : undefined;
  if (memory !== undefined) fillings.push({ volume: undefined, directory: memory, tar: join(image, 'shm.tar') });
  return fillings;
}

/**
 * Gives a directory that belongs to the pod the content of the image. Files that are in it go: they come from an attempt of before.
 * Directories stay what they are, since the kubelet may have mounted one in a container.
 */
export async function fillVolume(
  node: NodeEnvironment,
  shim: Shim,
  { directory, tar }: Filling,
  signal: AbortSignal,
): Promise<void> {
  const path = pathThrough(shim, directory);
  if (!(await isDirectory(path))) {
    throw new GritError('GRIT_RESTORE_FAILED', `the volume ${directory} of the pod is not there`);
  }
  await removeFiles(path);
  await unpackRoot(node, tar, path, signal);
}

async function removeFiles(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await removeFiles(path);
    else await rm(path, { force: true });
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
