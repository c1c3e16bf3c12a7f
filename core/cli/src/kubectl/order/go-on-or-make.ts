// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { KEYS, KubeError, type KubeClient, type KubeObject, type ResourceType } from '@grit/plugin-kubernetes';
import { setTimeout as delay } from 'node:timers/promises';
import { highestNumber, numbered } from './move-name.js';
import { differences } from './same-order.js';

/** An object of ours, by what orders have in common. */
type Order = KubeObject & { readonly spec: object };

/** An order that is there now, and whether this call has made it. */
export interface Placed<T> {
  readonly object: T;
  readonly how: 'made' | 'goes on' | 'tried again' | 'is over';
}

/** What is wanted. */
export interface WantedOrder<T extends Order> {
  readonly namespace: string;
  readonly spec: T['spec'];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly isOver: (object: T) => boolean;
  /** Whether it has ended in a way that another try may change. */
  readonly mayRetry: (object: T) => boolean;
}

const GONE_TRIES = 100;

/**
 * The order of this name: made if it is not there, else the same one goes on. One that has failed is tried again. Throws
 * GRIT_IDEMPOTENCY_CONFLICT when it asks for something else and is still under way.
 */
export async function goOnOrMake<T extends Order>(
  client: KubeClient,
  type: ResourceType<T>,
  name: string,
  wanted: WantedOrder<T>,
  signal: AbortSignal,
): Promise<Placed<T>> {
  const { namespace, spec } = wanted;
  for (;;) {
    const there = await client.find(type, { namespace, name }, signal);
    if (there === undefined) {
      const made = await make(client, type, name, wanted, signal);
      if (made !== undefined) return { object: made, how: 'made' };
      continue;
    }
    const changed = differences(there.spec, spec);
    const kind = type.kind.toLowerCase();
    if (changed.length > 0 && !(wanted.isOver(there) && wanted.mayRetry(there))) {
      throw new GritError(
        'GRIT_IDEMPOTENCY_CONFLICT',
        `${type.kind} ${name} is there already and asks for something else (${changed.join(', ')})`,
        { hint: `\`kubectl grit status ${kind}/${name} -n ${namespace}\` shows it; --name NAME makes another one.` },
      );
    }
    if (there.metadata.deletionTimestamp !== undefined) {
      throw new GritError('GRIT_IDEMPOTENCY_CONFLICT', `${type.kind} ${name} is being deleted`, {
        hint: 'Try again once it is gone.',
      });
    }
    if (!wanted.isOver(there)) return { object: there, how: 'goes on' };
    if (!wanted.mayRetry(there)) return { object: there, how: 'is over' };
    if (changed.length === 0) {
      const annotations = { ...wanted.annotations, [KEYS.retry]: new Date().toISOString() };
      const object = await client.patch(type, { namespace, name }, { metadata: { annotations } }, {}, signal);
      return { object, how: 'tried again' };
    }
    await remove(client, type, there, signal);
  }
}

/** As {@link goOnOrMake}, with names that are counted: the last one that is still under way and asks for the same goes on. */
export async function goOnOrCount<T extends Order>(
  client: KubeClient,
  type: ResourceType<T>,
  base: string,
  wanted: WantedOrder<T>,
  signal: AbortSignal,
): Promise<Placed<T>> {
  const { namespace, spec } = wanted;
  for (;;) {
    const { items } = await client.list(type, { namespace }, signal);
    const number = highestNumber(
      base,
      items.map(({ metadata }) => metadata.name),
    );
    const last = items.find(({ metadata }) => metadata.name === numbered(base, number));
    if (last !== undefined && !wanted.isOver(last) && differences(last.spec, spec).length === 0) {
      return { object: last, how: 'goes on' };
    }
    const made = await make(client, type, numbered(base, number + 1), wanted, signal);
    if (made !== undefined) return { object: made, how: 'made' };
  }
}

/** Undefined when somebody else was faster. */
async function make<T extends Order>(
  client: KubeClient,
  type: ResourceType<T>,
  name: string,
  { namespace, spec, annotations }: WantedOrder<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const metadata = { name, namespace, ...(annotations === undefined ? {} : { annotations }) };
  try {
    return await client.create(type, { metadata, spec } as unknown as T, {}, signal);
  } catch (error) {
    if (error instanceof KubeError && error.isAlreadyExists) return undefined;
    throw error;
  }
}

async function remove<T extends Order>(
  client: KubeClient,
  type: ResourceType<T>,
  { metadata }: T,
  signal: AbortSignal,
): Promise<void> {
  const ref = { namespace: metadata.namespace, name: metadata.name };
  await client.delete(type, ref, { uid: metadata.uid }, signal);
  for (let tries = 0; tries < GONE_TRIES; tries += 1) {
    const there = await client.find(type, ref, signal);
    if (there === undefined || there.metadata.uid !== metadata.uid) return;
    await delay(200, undefined, { signal });
  }
  throw new GritError('GRIT_TIMEOUT', `${type.kind} ${metadata.name} is still being deleted`);
}
