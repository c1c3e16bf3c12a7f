// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@grit/plugin-api';
import type { ResourceType } from '../api/kinds.js';
import type { KubeObject } from '../api/metadata.js';
import { isAborted } from './aborted.js';
import { backOffMs } from './back-off.js';
import { keyOf, refOf } from './keys.js';
import type { KubeClient, ObjectRef, WatchEvent } from './kube-client.js';
import { KubeError } from './kube-error.js';
import { ObjectCache, type Indexes } from './object-cache.js';

const PAGE = 500;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;
/** A watch that ends so soon with nothing said is no watch. */
const SHORT_MS = 1_000;
/** Watches end after 4 to 8 minutes, each at another time. */
const WATCH_SECONDS = 240;

/** What is looked at, and how it is kept. */
export interface InformerOptions<T extends KubeObject> {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly indexes?: Indexes<T> | undefined;
  /** What is kept of an object; default: all but managedFields. */
  readonly keep?: ((object: T) => T) | undefined;
}

/** A change of the cache. */
export interface ObjectChange<T> {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: T;
  readonly old?: T | undefined;
}

/**
 * A copy of the objects of one type, kept up to date by list and watch: pages, bookmarks, resumed where it broke off, listed again
 * when the server has forgotten, patient while it is away. The cache may be behind, never wrong about the past.
 */
export class Informer<T extends KubeObject> {
  /** Resolves when all objects were listed once. Never rejects. */
  readonly synced: Promise<void>;
  readonly #cache: ObjectCache<T>;
  readonly #listeners = new Set<(change: ObjectChange<T>) => void>();
  /** All changes up to here are in the cache: an older answer about an object that is not there comes after its end. */
  #complete = -1n;
  #setSynced = (): void => undefined;
  #lastContact = performance.now();
  #version: string | undefined;

  constructor(
    private readonly client: KubeClient,
    private readonly type: ResourceType<T>,
    private readonly options: InformerOptions<T>,
    private readonly logger: Logger,
  ) {
    this.#cache = new ObjectCache(options.indexes ?? {});
    this.synced = new Promise((resolve) => (this.#setSynced = resolve));
  }

  /** Age in ms of the last word of the server. A watch in order hears something each minute or so, also when nothing changes. */
  get staleMs(): number {
    return performance.now() - this.#lastContact;
  }

  get(ref: ObjectRef): T | undefined {
    return this.#cache.get(ref);
  }

  list(): readonly T[] {
    return this.#cache.list();
  }

  by(index: string, value: string): readonly T[] {
    return this.#cache.by(index, value);
  }

  /** Told of each change after it is in the cache. Returns the function that ends it. */
  onChange(listener: (change: ObjectChange<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins; ends with the signal. */
  start(signal: AbortSignal): void {
    void this.#run(signal);
  }

  /** Takes the answer to an own write into the cache, so that the next look sees it. It must be one that the selectors select. */
  stored(object: T): void {
    if (this.#cache.get(object.metadata) === undefined && versionOf(object) <= this.#complete) return;
    this.#take(object);
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let whole = false;
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#relist(whole, signal);
        whole = false;
        const began = performance.now();
        const heard = await this.#follow(signal, () => (failures = 0));
        if (!heard && performance.now() - began < SHORT_MS) throw new Error('the watch ended at once');
      } catch (error) {
        if (isAborted(signal)) return;
        if (error instanceof KubeError && error.isGone) {
          // Forgotten between two pages: a server that forgets so fast is asked for all at once.
          whole = this.#version === undefined;
          this.#version = undefined;
          if (failures === 0) {
            failures = 1;
            continue;
          }
        }
        failures += 1;
        const level = error instanceof KubeError && error.isForbidden ? 'error' : 'warn';
        if (failures === 2 || failures % 10 === 0) {
          this.logger[level]('the API server does not show all', {
            resource: this.type.plural,
            reason: error instanceof Error ? error.message : String(error),
          });
        }
        const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
        const pause = Math.max(asked, backOffMs(failures, FIRST_PAUSE_MS, MAX_PAUSE_MS));
        await delay(pause, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Pages of the whole list; what is in the cache and not in the list is gone. */
  async #relist(whole: boolean, signal: AbortSignal): Promise<void> {
    const { namespace, labelSelector, fieldSelector } = this.options;
    const seen = new Set<string>();
    let next: string | undefined;
    let version = '0';
    do {
      const from = next === undefined ? {} : { continue: next };
      const query = { namespace, labelSelector, fieldSelector, ...from, ...(whole ? {} : { limit: PAGE }) };
      const page = await this.client.list(this.type, query, signal);
      this.#lastContact = performance.now();
      for (const object of page.items) {
        seen.add(keyOf(object));
        this.#take(object);
      }
      version = page.metadata.resourceVersion;
      next = page.metadata.continue === '' ? undefined : page.metadata.continue;
    } while (next !== undefined);
    for (const key of this.#cache.keys()) {
      const object = seen.has(key) ? undefined : this.#cache.get(refOf(key));
      // An object made by ourselves after the list began is not gone.
      if (object !== undefined && versionOf(object) <= BigInt(version)) this.#drop(object, BigInt(version));
    }
    this.#version = version;
    this.#complete = BigInt(version);
    this.#setSynced();
  }

  /** Returns whether the server said anything. */
  async #follow(signal: AbortSignal, onWord: () => void): Promise<boolean> {
    let heard = false;
    const { namespace, labelSelector, fieldSelector } = this.options;
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + Math.random()));
    const query = { namespace, labelSelector, fieldSelector, resourceVersion: this.#version, timeoutSeconds };
    for await (const event of this.client.watch(this.type, query, signal)) {
      this.#lastContact = performance.now();
      this.#handle(event);
      heard = true;
      onWord();
    }
    return heard;
  }

  #handle({ type, object }: WatchEvent<T>): void {
    if (type === 'ERROR') {
      const status = object as unknown as {
        readonly code?: number;
        readonly message?: string;
        readonly reason?: string;
      };
      throw new KubeError(status.message ?? 'the watch failed', { status: status.code ?? 500, reason: status.reason });
    }
    const version = object.metadata.resourceVersion;
    if (type === 'DELETED') this.#drop(object, versionOf(object));
    else if (type !== 'BOOKMARK') this.#take(object);
    if (version !== undefined) {
      this.#version = version;
      this.#complete = versionOf(object);
    }
  }

  #take(object: T): void {
    const present = this.#cache.get(object.metadata);
    if (present !== undefined && versionOf(present) >= versionOf(object)) return;
    const kept = (this.options.keep ?? withoutManagedFields)(object);
    const old = this.#cache.set(kept);
    if (old !== undefined && old.metadata.uid !== kept.metadata.uid) {
      this.#tell({ type: 'deleted', object: old });
      this.#tell({ type: 'added', object: kept });
    } else this.#tell(old === undefined ? { type: 'added', object: kept } : { type: 'modified', object: kept, old });
  }

  #drop(object: T, version: bigint): void {
    const present = this.#cache.get(object.metadata);
    // Another object of the same name may be known already from an own write.
    if (present !== undefined && present.metadata.uid !== object.metadata.uid && versionOf(present) > version) return;
    if (present === undefined) return;
    this.#cache.delete(keyOf(object));
    this.#tell({ type: 'deleted', object: present });
  }

  #tell(change: ObjectChange<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.logger.error('a listener failed', { resource: this.type.plural, reason: String(error) });
      }
    }
  }
}

/** Versions of one resource can be compared as numbers: promised since Kubernetes 1.35, true of etcd ever since. */
function versionOf(object: KubeObject): bigint {
  const version = object.metadata.resourceVersion;
  return version !== undefined && /^\d+$/.test(version) ? BigInt(version) : 0n;
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _dropped, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown };
  return { ...object, metadata };
}
