// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Cluster } from '../../cluster/index.js';

/** What people apply, too. */
export const MANIFESTS = join(import.meta.dirname, '../../../deploy/kubernetes');

/** Puts the resources, the rights and the RuntimeClass of GRIT into a cluster, and waits until objects of all kinds can be made. */
export async function installGrit(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const crds = join(MANIFESTS, 'crds');
  for (const folder of [crds, join(MANIFESTS, 'rbac'), join(MANIFESTS, 'nodes')]) {
    signal.throwIfAborted();
    await cluster.kubectl('apply', '--server-side', '--force-conflicts', '-f', folder);
  }
  signal.throwIfAborted();
  await cluster.kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', crds);
}
