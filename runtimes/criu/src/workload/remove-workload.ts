// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { destroyContainer } from '../container/container-state.js';
import type { NodeEnvironment } from '../node-environment.js';
import { removeRoot } from '../rootfs/overlay-root.js';
import type { WorkloadDirectory } from './workload-directory.js';
import type { WorkloadRecord } from './workload-record.js';

/** Ends whatever there is of a workload and removes its files. Idempotent; the record goes last. */
export async function removeWorkload(
  node: NodeEnvironment,
  directory: WorkloadDirectory,
  record: WorkloadRecord | undefined,
): Promise<void> {
  if (record !== undefined) await destroyContainer(node, directory, record);
  await removeRoot(node, directory);
  const paths = [directory.bundle, directory.output, directory.restoreWork];
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
  await rm(directory.path, { recursive: true, force: true });
}
