// SPDX-License-Identifier: Apache-2.0
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';
import type { PodRecord } from '../pod/pod-image.js';
import { unpackRoot } from '../rootfs/root-diff.js';
import { pathThrough, type Shim } from './caller.js';
import { emptyDirectories, sharedMemory, type PodBundle } from './pod-bundle.js';
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
 * What can be filled at the call of this container and has not been. Volumes are there before the sandbox is, but only a container names
 * those that the kubelet keeps elsewhere than it usually does. @param image - directory with the parts
 */
export async function fillingsFor(
  node: NodeEnvironment,
  shim: Shim,
  bundle: PodBundle,
  record: PodRecord,
  image: string,
  attempt: Attempt,
): Promise<readonly Filling[]> {
  const named = emptyDirectories(bundle);
  const usual = join(node.config.kubeletDirectory, 'pods', bundle.pod.uid, 'volumes', 'kubernetes.io~empty-dir');
  const fillings: Filling[] = [];
  for (const { name } of record.volumes) {
    if (attempt.volumes.includes(name)) continue;
    const directory = named.get(name) ?? join(usual, name);
    if (!named.has(name) && !(await isDirectory(pathThrough(shim, directory)))) continue;
    fillings.push({ volume: name, directory, tar: join(image, 'volumes', `${name}.tar`) });
  }
  const memory = record.shm && attempt.memory !== bundle.sandbox ? sharedMemory(bundle) : undefined;
  if (memory !== undefined) fillings.push({ volume: undefined, directory: memory, tar: join(image, 'shm.tar') });
  return fillings;
}

/**
 * Gives a directory that belongs to the pod the content of the image. What is in it goes: it comes from an attempt of before, whose
 * processes, already made, may have taken files away.
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
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
  await unpackRoot(node, tar, path, signal);
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
