// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import {
  chooseStore,
  CLAIMS,
  KubeError,
  STORES,
  type CheckpointStore,
  type Claim,
  type KubeClient,
} from '@grit/plugin-kubernetes';
import type { Invocation } from '../../arguments/invocation.js';
import { usageError } from '../../arguments/usage-error.js';

/** Where images go, as the command line says. */
export interface WantedStorage {
  readonly claim?: string | undefined;
  readonly store?: string | undefined;
}

/** Reads --claim and --store. Throws GRIT_USAGE when both are given. */
export function wantedStorage(invocation: Invocation, command: string): WantedStorage {
  const [claim, store] = [invocation.text('claim'), invocation.text('store')];
  if (claim !== undefined && store !== undefined) {
    throw usageError('--claim and --store: the image goes to one place; leave one out', command, 'kubectl grit');
  }
  return { claim, store };
}

/** The part of a spec that says where to. */
export function storageSpec({ claim, store }: WantedStorage): {
  volumeClaim?: { claimName: string };
  storage?: string;
} {
  return {
    ...(claim === undefined ? {} : { volumeClaim: { claimName: claim } }),
    ...(store === undefined ? {} : { storage: store }),
  };
}

/** What is known of the places that images can go to. Undefined: nobody may look, and the controller will. */
export interface StorageFacts {
  readonly wanted: WantedStorage;
  readonly stores: readonly CheckpointStore[] | undefined;
  /** By namespace. */
  readonly claims: ReadonlyMap<string, Claim | undefined>;
}

/** Looks at the stores, or at the claim in these namespaces. */
export async function lookAtStorage(
  client: KubeClient,
  wanted: WantedStorage,
  namespaces: Iterable<string>,
  signal: AbortSignal,
): Promise<StorageFacts> {
  const { claim } = wanted;
  if (claim === undefined) {
    const list = await allowed(client.list(STORES, {}, signal));
    return { wanted, stores: list?.items, claims: new Map() };
  }
  const claims = new Map<string, Claim | undefined>();
  for (const namespace of new Set(namespaces)) {
    try {
      claims.set(namespace, await client.find(CLAIMS, { namespace, name: claim }, signal));
    } catch (error) {
      if (!isForbidden(error)) throw error;
    }
  }
  return { wanted, stores: undefined, claims };
}

/** Why the image of a pod of the namespace has nowhere to go, with the way out; undefined when it has, or nobody may look. */
export function whyNoStorage({ wanted, stores, claims }: StorageFacts, namespace: string): string | undefined {
  const { claim } = wanted;
  if (claim !== undefined) {
    if (!claims.has(namespace)) return undefined;
    const phase = claims.get(namespace)?.status?.phase;
    if (claims.get(namespace) === undefined) return `there is no claim ${claim} in namespace ${namespace}`;
    return phase === 'Bound'
      ? undefined
      : `claim ${claim} in namespace ${namespace} is ${phase ?? 'Pending'}, not Bound`;
  }
  if (stores === undefined) return undefined;
  const choice = chooseStore(stores, { namespace, name: wanted.store });
  if (choice.store === undefined) {
    return choice.message
      .replace('set spec.volumeClaim or spec.storage, or annotate', 'give --claim or --store, or annotate')
      .replaceAll('spec.storage', '--store');
  }
  const { phase, conditions = [] } = choice.store.status ?? {};
  if (phase !== 'NotReady') return undefined;
  const why = conditions.find(({ type }) => type === 'Ready')?.message ?? 'no node can use it';
  return `CheckpointStore ${choice.store.metadata.name} is not Ready: ${why}`;
}

/** Throws GRIT_CLAIM_UNUSABLE or GRIT_STORE_UNUSABLE when an image of the namespace has nowhere to go. */
export function insistOnStorage(facts: StorageFacts, namespace: string): void {
  const why = whyNoStorage(facts, namespace);
  if (why === undefined) return;
  if (facts.wanted.claim !== undefined) {
    const hint = `\`kubectl get pvc -n ${namespace}\` lists the claims; one that moves to another node is ReadWriteMany.`;
    throw new GritError('GRIT_CLAIM_UNUSABLE', why, { hint });
  }
  throw new GritError('GRIT_STORE_UNUSABLE', why, {
    hint: '`kubectl get checkpointstores` lists the stores; --claim NAME uses a PersistentVolumeClaim instead.',
  });
}

/** Undefined when it may not be asked. */
export async function allowed<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof KubeError && error.isForbidden;
}
