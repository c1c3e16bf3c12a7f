// SPDX-License-Identifier: Apache-2.0
import {
  CHECKPOINTS,
  GRIT_NODES,
  KubeError,
  MIGRATIONS,
  RESTORES,
  STORES,
  type KubeClient,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import type { Finding } from '../../doctor/finding.js';

const TYPES = [CHECKPOINTS, RESTORES, MIGRATIONS, STORES, GRIT_NODES] as unknown as readonly ResourceType[];

/** Whether the API server answers and knows our resources. */
export async function examineResources(client: KubeClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const missing: string[] = [];
  for (const type of TYPES) {
    try {
      await client.list(type, { limit: 1 }, signal);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      // Who may not look knows at least that there is something to look at, or not: the API server does not tell.
      if (error.isForbidden) continue;
      if (!error.isNotFound) throw error;
      missing.push(`${type.plural}.${type.apiVersion.split('/')[0] ?? ''}`);
    }
  }
  const found = `${TYPES.length - missing.length} of ${TYPES.length} kinds, ${CHECKPOINTS.apiVersion}`;
  if (missing.length === 0) return [{ subject: 'resources', found }];
  return [
    {
      subject: 'resources',
      found,
      problem: `the cluster does not know ${missing.join(', ')}`,
      hint: 'kubectl apply --server-side -f deploy/kubernetes/crds',
    },
  ];
}
