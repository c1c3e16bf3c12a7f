// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import { Informer, type KubeClient, type KubeObject, type ObjectRef, type ResourceType } from '@grit/plugin-kubernetes';

/** Waits for what becomes of objects, on one watch for each kind. An API server that is away for a while is waited out. */
export class ObjectWatch {
  readonly #informers = new Map<string, Informer<KubeObject>>();
  readonly #end = new AbortController();

  constructor(
    private readonly client: KubeClient,
    private readonly logger: Logger,
  ) {}

  /** All objects of a kind, as they are now. */
  async all<T extends KubeObject>(type: ResourceType<T>): Promise<readonly T[]> {
    return (await this.#informer(type)).list();
  }

  /**
   * Waits until the object satisfies the predicate and returns it; `undefined` while it is not there. Errors: after `withinMs` one that has
   * `what` and the object as it was last.
   */
  async until<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    what: string,
    predicate: (object: T | undefined) => boolean,
    withinMs: number,
  ): Promise<T | undefined> {
    const informer = await this.#informer(type);
    return this.#wait(informer, what, () => informer.get(ref), predicate, withinMs);
  }

  /** Waits until the list of all objects of the kind satisfies the predicate, and returns it. */
  async untilAll<T extends KubeObject>(
    type: ResourceType<T>,
    what: string,
    predicate: (objects: readonly T[]) => boolean,
    withinMs: number,
  ): Promise<readonly T[]> {
    const informer = await this.#informer(type);
    return this.#wait(informer, what, () => informer.list(), predicate, withinMs);
  }

  stop(): void {
    this.#end.abort();
  }

  async #wait<T extends KubeObject, V>(
    informer: Informer<T>,
    what: string,
    read: () => V,
    predicate: (value: V) => boolean,
    withinMs: number,
  ): Promise<V> {
    const done = Promise.withResolvers<V>();
    let due = false;
    const look = (): void => {
      due = false;
      try {
        const value = read();
        if (predicate(value)) done.resolve(value);
      } catch (error) {
        done.reject(error);
      }
    };
    // Once for all changes that come together: there may be thousands.
    const unsubscribe = informer.onChange(() => {
      if (!due) setImmediate(look);
      due = true;
    });
    const timer = setTimeout(() => {
      done.reject(new Error(`not within ${withinMs} ms: ${what}; now: ${JSON.stringify(read(), undefined, 1)}`));
    }, withinMs);
    try {
      look();
      return await done.promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }

  async #informer<T extends KubeObject>(type: ResourceType<T>): Promise<Informer<T>> {
    const key = `${type.apiVersion}/${type.plural}`;
    let informer = this.#informers.get(key) as Informer<T> | undefined;
    if (informer === undefined) {
      informer = new Informer(this.client, type, { keep: withoutManagedFields }, this.logger);
      this.#informers.set(key, informer);
      informer.start(this.#end.signal);
    }
    await informer.synced;
    return informer;
  }
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => key !== 'managedFields'));
  return { ...object, metadata };
}
