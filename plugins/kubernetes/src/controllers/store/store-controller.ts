// SPDX-License-Identifier: Apache-2.0
import type { CheckpointStore, CheckpointStoreStatus } from '../../api/checkpoint-store.js';
import { MANAGERS } from '../../api/group.js';
import { STORES } from '../../api/kinds.js';
import { findCondition, setCondition } from '../../kit/conditions.js';
import { Controller } from '../../kit/controller.js';
import type { ControlContext, ControllerDefinition } from '../context.js';
import { decideCollection, isCollectionSaid } from './decide-collection.js';
import { decideStore } from './decide-store.js';

/** Keeps the status of CheckpointStores by what the agents of the nodes say of them. */
export const storeController: ControllerDefinition = {
  name: 'store',
  start(context, signal) {
    const { informers, logger } = context;
    const controller = new Controller({
      name: 'store',
      concurrency: 1,
      logger,
      reconcile: async (key, stop) => {
        await reconcile(context, key, stop);
        return undefined;
      },
    });
    // There are few, and each may be the rival of the others.
    const all = (): void => informers.stores.list().forEach(({ metadata }) => controller.enqueue(metadata.name));
    const ends = [
      informers.stores.onChange(all),
      informers.gritNodes.onChange(({ type, object, old }) => {
        if (type !== 'modified' || object.status?.phase !== old?.status?.phase) all();
      }),
    ];
    signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
    all();
    return controller;
  },
};

async function reconcile(context: ControlContext, name: string, signal: AbortSignal): Promise<void> {
  const { client, informers, events, clock } = context;
  const store = informers.stores.get({ name });
  if (store === undefined || store.metadata.deletionTimestamp !== undefined) return;
  const present = informers.gritNodes.list().filter(({ status }) => status?.phase !== 'Gone');
  const nodes = new Set(present.map(({ metadata }) => metadata.name));
  const { phase, nodesReady, ready, reason, message } = decideStore(store, informers.stores.list(), nodes);
  const atWork = present.filter(({ status }) => status?.phase === 'Ready').map(({ metadata }) => metadata.name);
  const collection = decideCollection(store, new Set(atWork));
  const { generation: observedGeneration = 0 } = store.metadata;
  const condition = { type: 'Ready', status: ready, reason, message, observedGeneration };
  if (isSaid(store, phase, nodesReady, condition) && isCollectionSaid(store, collection)) return;
  const conditions = setCondition(store.status?.conditions, condition, clock());
  const status = { phase, nodesReady, conditions, ...collection };
  const body = { apiVersion: STORES.apiVersion, kind: STORES.kind, metadata: { name }, status };
  const how = { manager: MANAGERS.controller, force: true, subresource: 'status' } as const;
  informers.stores.stored(await client.apply(STORES, body, how, signal));
  if (phase === store.status?.phase || phase === 'Pending') return;
  events.event(store, phase === 'Ready' ? 'Normal' : 'Warning', reason, message);
}

function isSaid(
  { status }: CheckpointStore,
  phase: CheckpointStoreStatus['phase'],
  nodesReady: number,
  condition: Parameters<typeof setCondition>[1],
): boolean {
  const said = findCondition(status?.conditions, condition.type);
  return (
    status?.phase === phase &&
    status?.nodesReady === nodesReady &&
    said?.status === condition.status &&
    said.reason === condition.reason &&
    said.message === condition.message &&
    said.observedGeneration === condition.observedGeneration
  );
}
