// SPDX-License-Identifier: Apache-2.0
import { KEYS, STORES, type CheckpointStore, type KubeClient } from '@grit/plugin-kubernetes';
import type { Finding } from '../../doctor/finding.js';

/** Whether nodes can use the stores, and which is taken where none is named. */
export async function examineStores(client: KubeClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const { items } = await client.list<CheckpointStore>(STORES, {}, signal);
  return storeFindings(items);
}

/** The same from facts alone. */
export function storeFindings(stores: readonly CheckpointStore[]): readonly Finding[] {
  if (stores.length === 0) {
    return [{ subject: 'stores', found: 'none; every checkpoint needs --claim NAME' }];
  }
  const isDefault = ({ metadata }: CheckpointStore): boolean => metadata.annotations?.[KEYS.defaultStore] === 'true';
  const found = stores.map((store): Finding => {
    const { phase = 'Pending', nodesReady = 0, conditions = [] } = store.status ?? {};
    const subject = `store ${store.metadata.name}`;
    const said = conditions.find(({ type }) => type === 'Ready')?.message;
    const text = `${phase}, ${nodesReady} nodes${isDefault(store) ? ', default' : ''}`;
    if (phase === 'Ready') return { subject, found: text };
    const hint = `kubectl describe checkpointstore ${store.metadata.name}`;
    return { subject, found: text, problem: said ?? 'no node has tried it yet', hint };
  });
  const none = {
    subject: 'stores',
    found: `none is the default: give --store or --claim (annotation ${KEYS.defaultStore})`,
  };
  return stores.some(isDefault) ? found : [...found, none];
}
