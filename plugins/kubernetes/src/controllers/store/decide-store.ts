// SPDX-License-Identifier: Apache-2.0
import type { CheckpointStore, CheckpointStoreStatus } from '../../api/checkpoint-store.js';
import { KEYS } from '../../api/group.js';
import { isDefaultStore } from './choose-store.js';

/** What a store is, by the facts. */
export interface StoreState {
  readonly phase: NonNullable<CheckpointStoreStatus['phase']>;
  /** Nodes that can use it as it is specified now. */
  readonly nodesReady: number;
  readonly ready: 'True' | 'False' | 'Unknown';
  /** One PascalCase word. */
  readonly reason: string;
  readonly message: string;
}

/** How many nodes are named in a message. */
const MOST_NAMED = 3;

/**
 * A store is Ready when at least one node can use it. Nodes that are not `nodes` any more count for nothing, nor does what was found
 * out about an earlier spec.
 *
 * @param others all stores; it may be among them.
 * @param nodes names of the nodes that have an agent.
 */
export function decideStore(
  store: CheckpointStore,
  others: readonly CheckpointStore[],
  nodes: ReadonlySet<string>,
): StoreState {
  const tried = (store.status?.nodes ?? []).filter(
    ({ name, generation }) => nodes.has(name) && generation === (store.metadata.generation ?? 0),
  );
  const nodesReady = tried.filter(({ ready }) => ready).length;
  const rivals = isDefaultStore(store) ? others.filter((other) => isOther(store, other) && isDefaultStore(other)) : [];
  if (rivals.length > 0) {
    const names = rivals.map(({ metadata }) => metadata.name).sort();
    const message = `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} the default, too: take the annotation ${KEYS.defaultStore} from all but one`;
    return { phase: 'NotReady', nodesReady, ready: 'False', reason: 'SeveralDefaultStores', message };
  }
  const failed = tried.filter(({ ready }) => !ready).sort((a, b) => (a.name < b.name ? -1 : 1));
  const problems = complaintsOf(failed);
  if (nodesReady > 0) {
    const count = `${nodesReady} of ${nodes.size} nodes can use it`;
    const message = problems === '' ? count : `${count}; not ${problems}`;
    return { phase: 'Ready', nodesReady, ready: 'True', reason: 'Usable', message };
  }
  if (failed.length > 0) {
    return {
      phase: 'NotReady',
      nodesReady,
      ready: 'False',
      reason: 'Unusable',
      message: `no node can use it: ${problems}`,
    };
  }
  const message =
    nodes.size === 0
      ? 'no node has an agent that could try it; install the node agent'
      : `none of ${nodes.size} nodes has tried it yet`;
  return { phase: 'Pending', nodesReady, ready: 'Unknown', reason: 'NotTried', message };
}

/** Nodes that say the same, as they do of wrong credentials, say it once. */
function complaintsOf(failed: readonly { readonly name: string; readonly message?: string | undefined }[]): string {
  const said = Map.groupBy(failed, ({ message }) => (message ?? 'no reason given').replace(/\.$/, ''));
  const complaints = [...said].slice(0, MOST_NAMED).map(([message, nodes]) => `${listed(nodes)}: ${message}`);
  const more = [...said.values()].slice(MOST_NAMED).flat().length;
  return `${complaints.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function listed(nodes: readonly { readonly name: string }[]): string {
  const names = nodes.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = nodes.length - names.length;
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function isOther(store: CheckpointStore, other: CheckpointStore): boolean {
  return other.metadata.name !== store.metadata.name;
}
