// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, stat, statfs, truncate, writeFile } from 'node:fs/promises';
import { GritError } from '@grit/plugin-api';
import { unmountBelow } from '../files/unmount-below.js';
import type { NodeEnvironment } from '../node-environment.js';
import { runOrThrow } from '../process/run-program.js';
import type { WorkloadDirectory } from '../workload/workload-directory.js';

/** ext4, xfs, btrfs, tmpfs: can be the upper layer of an overlay. */
const UPPER_FILE_SYSTEMS = [0xef53, 0x58465342, 0x9123683e, 0x01021994];
const OPTIONS = 'redirect_dir=off,metacopy=off,index=off,xino=off';

/**
 * Makes upper and work directory of the overlay. They must not lie in the lower layer, which is the host's root;
 * where the node's directory is on the same file system they are in a sparse disk image of their own.
 */
export async function makeScratch(
  node: NodeEnvironment,
  workload: WorkloadDirectory,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(workload.scratch, { recursive: true, mode: 0o700 });
  if (await needsImage(workload.path)) {
    await writeFile(workload.scratchImage, '', { mode: 0o600 });
    await truncate(workload.scratchImage, node.config.scratchGiB * 2 ** 30);
    // No journal: after a crash of the machine there is no workload whose files could be wanted.
    const script =
      'mkfs.ext4 -q -F -m 0 -O ^has_journal -E lazy_itable_init=1,nodiscard "$1" && mount -o loop,noatime "$1" "$2"';
    await shell(node, script, [workload.scratchImage, workload.scratch], signal);
  }
  await mkdir(workload.upper, { mode: 0o755 });
  await mkdir(workload.overlayWork, { mode: 0o755 });
}

/** Mounts the container's root: the host's root below, the workload's changes above. */
export async function mountRoot(
  node: NodeEnvironment,
  workload: WorkloadDirectory,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(workload.rootfs, { recursive: true, mode: 0o755 });
  const layers = `lowerdir=/,upperdir=${workload.upper},workdir=${workload.overlayWork}`;
  await shell(node, 'mount -t overlay overlay -o "$1" "$2"', [`${layers},${OPTIONS}`, workload.rootfs], signal);
}

/** Unmounts both and removes the scratch; nothing there is no error. */
export async function removeRoot(node: NodeEnvironment, workload: WorkloadDirectory): Promise<void> {
  await unmountBelow([workload.rootfs, workload.scratch], node.env);
  await rm(workload.scratchImage, { force: true });
  await rm(workload.scratch, { recursive: true, force: true });
}

async function needsImage(path: string): Promise<boolean> {
  const [here, root, { type }] = await Promise.all([stat(path), stat('/'), statfs(path)]);
  return here.dev === root.dev || !UPPER_FILE_SYSTEMS.includes(type);
}

async function shell(
  node: NodeEnvironment,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await runOrThrow('sh', ['-c', script, 'sh', ...args], { env: node.env, signal }, (message) => {
    const full = message.includes('No space left');
    return new GritError(full ? 'GRIT_NODE_STORAGE_FULL' : 'GRIT_RUNTIME_UNAVAILABLE', `root file system: ${message}`);
  });
}
