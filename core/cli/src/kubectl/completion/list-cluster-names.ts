// SPDX-License-Identifier: Apache-2.0
import {
  CHECKPOINTS,
  CLAIMS,
  MIGRATIONS,
  NAMESPACES,
  NODES,
  PODS,
  STORES,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import type { Completable } from '../../arguments/command-spec.js';
import { withCluster, type Cluster } from '../cluster/open-cluster.js';
import type { ClusterPlace } from '../kube-context.js';

/** A shell that waits for longer is a nuisance. */
const PATIENCE_MS = 3_000;
const MOST = 500;

const TYPES: Readonly<Partial<Record<Completable, ResourceType>>> = {
  pods: PODS,
  nodes: NODES,
  claims: CLAIMS,
  stores: STORES,
  namespaces: NAMESPACES,
};

/** Names that the cluster knows; none when it does not answer. */
export async function listClusterNames(what: Completable, words: readonly string[]): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await withCluster({ place: placeOf(words) }, async (cluster) => {
      if (what === 'moves') {
        const [checkpoints, migrations, pods] = await Promise.all(
          [CHECKPOINTS, MIGRATIONS, PODS].map((type) => namesOf(cluster, type as unknown as ResourceType, signal)),
        );
        const prefixed = (kind: string, names: readonly string[] = []): string[] =>
          names.map((name) => `${kind}/${name}`);
        return [...(pods ?? []), ...prefixed('checkpoint', checkpoints), ...prefixed('migration', migrations)];
      }
      const type = TYPES[what];
      return type === undefined ? [] : await namesOf(cluster, type, signal);
    });
  } catch {
    return [];
  }
}

async function namesOf({ client, namespace }: Cluster, type: ResourceType, signal: AbortSignal): Promise<string[]> {
  const where = type.namespaced ? { namespace } : {};
  const { items } = await client.list(type, { ...where, limit: MOST }, signal);
  return items.map(({ metadata }) => metadata.name);
}

/** The options that say which cluster, as far as they are typed already. */
function placeOf(words: readonly string[]): ClusterPlace {
  const valueOf = (...names: string[]): string | undefined => {
    for (const [index, word] of words.slice(0, -1).entries()) {
      const name = names.find((each) => word === each || word.startsWith(`${each}=`));
      if (name !== undefined) return word === name ? words[index + 1] : word.slice(name.length + 1);
    }
    return undefined;
  };
  return {
    kubeconfig: valueOf('--kubeconfig'),
    context: valueOf('--context'),
    namespace: valueOf('-n', '--namespace'),
  };
}
