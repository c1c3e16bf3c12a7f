// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Cluster, ImageArchive } from '../cluster/index.js';
import { asList, sharedClaim } from './manifests.js';

/** Gives the images to the nodes. */
export async function provideImages(
  cluster: Cluster,
  nodes: readonly string[],
  images: readonly ImageArchive[],
): Promise<void> {
  for (const image of images) await Promise.all(nodes.map((node) => cluster.node(node).importImage(image)));
}

/** Makes the claim `shared`, which pods on all nodes can write to; returns the folder of this machine that is behind it. */
export async function provideShared(cluster: Cluster): Promise<string> {
  const folder = join(cluster.directory, 'shared');
  await cluster.kubectlApply(asList(...sharedClaim('shared', folder)));
  return folder;
}
