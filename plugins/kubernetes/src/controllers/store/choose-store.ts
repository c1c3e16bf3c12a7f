// SPDX-License-Identifier: Apache-2.0
import type { CheckpointStore } from '../../api/checkpoint-store.js';
import { KEYS } from '../../api/group.js';

/** The store of a Checkpoint, or why there is none. `reason` is one PascalCase word. */
export type StoreChoice =
  | { readonly store: CheckpointStore }
  | { readonly store?: undefined; readonly reason: string; readonly message: string };

/** True when the annotation makes it the default. */
export function isDefaultStore(store: CheckpointStore): boolean {
  return store.metadata.annotations?.[KEYS.defaultStore] === 'true' && store.metadata.deletionTimestamp === undefined;
}

/** True when Checkpoints of the namespace may use it. */
function allowsNamespace(store: CheckpointStore, namespace: string): boolean {
  return store.spec.namespaces?.includes(namespace) ?? true;
}

/** The store that is named, else the default. Whether it is Ready is another question: it may become so. */
export function chooseStore(
  stores: readonly CheckpointStore[],
  wanted: { readonly namespace: string; readonly name?: string | undefined },
): StoreChoice {
  const found = wanted.name === undefined ? chooseDefault(stores) : chooseNamed(stores, wanted.name);
  if (found.store === undefined || allowsNamespace(found.store, wanted.namespace)) return found;
  const { name } = found.store.metadata;
  return {
    reason: 'StoreNotAllowed',
    message: `CheckpointStore ${name} is not for namespace ${wanted.namespace}: name another one in spec.storage, or add the namespace to its spec.namespaces`,
  };
}

function chooseNamed(stores: readonly CheckpointStore[], name: string): StoreChoice {
  const store = stores.find(({ metadata }) => metadata.name === name && metadata.deletionTimestamp === undefined);
  if (store !== undefined) return { store };
  const known = stores.map(({ metadata }) => metadata.name).sort();
  const others = known.length === 0 ? 'there is none' : `there are ${known.slice(0, 10).join(', ')}`;
  return { reason: 'StoreNotFound', message: `spec.storage: there is no CheckpointStore ${name}; ${others}` };
}

function chooseDefault(stores: readonly CheckpointStore[]): StoreChoice {
  const [store, ...others] = stores.filter(isDefaultStore);
  if (store !== undefined && others.length === 0) return { store };
  if (store === undefined) {
    return {
      reason: 'NoDefaultStore',
      message: `there is no default CheckpointStore: set spec.volumeClaim or spec.storage, or annotate one with ${KEYS.defaultStore}=true`,
    };
  }
  const names = [store, ...others].map(({ metadata }) => metadata.name).sort();
  return {
    reason: 'SeveralDefaultStores',
    message: `CheckpointStores ${names.join(' and ')} are all the default: take the annotation ${KEYS.defaultStore} from all but one, or set spec.storage`,
  };
}
