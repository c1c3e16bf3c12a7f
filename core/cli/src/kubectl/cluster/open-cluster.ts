// SPDX-License-Identifier: Apache-2.0
import { KubeClient } from '@grit/plugin-kubernetes';
import type { KubeContext } from '../kube-context.js';

/** A cluster, and the namespace that is meant where none is named. */
export interface Cluster {
  readonly client: KubeClient;
  readonly namespace: string;
}

/** Opens the cluster for as long as `use` takes. Throws GRIT_KUBE_CONFIG_INVALID, and KubeErrors for calls. */
export async function withCluster<T>(
  { place }: Pick<KubeContext, 'place'>,
  use: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const { kubeconfig, context } = place;
  const client = KubeClient.fromConfig({ kubeconfig, context, userAgent: 'kubectl-grit', maxConcurrent: 16 });
  try {
    return await use({ client, namespace: place.namespace ?? (await client.namespace()) });
  } finally {
    await client.close();
  }
}

/** For calls that nobody gives up: they end by themselves. */
export function patient(): AbortSignal {
  return new AbortController().signal;
}
