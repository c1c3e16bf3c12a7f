// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { CHECKPOINTS, GRIT_NODES, MIGRATIONS, RESTORES, STORES, type ResourceType } from './api/kinds.js';
import { PODS } from './api/core-kinds.js';
import type { KubeClient } from './kit/kube-client.js';
import { KubeError } from './kit/kube-error.js';

/**
 * Whether the API server answers, knows our resources and lets us read them: what is missing is said at the start, not by a cache that
 * never fills. Throws GRIT_KUBE_CONFIG_INVALID, GRIT_KUBE_UNREACHABLE, GRIT_KUBE_NOT_ALLOWED, GRIT_KUBE_CRDS_MISSING.
 */
export async function checkCluster(client: KubeClient, signal: AbortSignal): Promise<void> {
  const types: readonly ResourceType[] = [PODS, CHECKPOINTS, RESTORES, MIGRATIONS, STORES, GRIT_NODES] as never;
  for (const type of types) {
    try {
      await client.list(type, { limit: 1 }, signal);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (!error.isNotFound) throw error.toGritError();
      const message = `the API server does not know ${type.plural} of ${type.apiVersion}`;
      throw new GritError('GRIT_KUBE_CRDS_MISSING', message, { cause: error });
    }
  }
}
