// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { ResourceType } from '../api/kinds.js';
import type { KubeObject, ObjectMeta } from '../api/metadata.js';
import { refTo } from './keys.js';
import { KubeError } from './kube-error.js';
import { readLines } from './read-lines.js';
import { resourcePath } from './resource-path.js';
import { ServerClock } from './server-clock.js';
import { Transport, type TransportRequest } from './transport.js';

/** Names an object of a known type. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** What a list is narrowed by. */
export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** A page of a list. */
export interface KubeList<T> {
  readonly items: T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** One event of a watch. An ERROR's object is a metav1.Status. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/** How a client is made. */
export interface KubeClientOptions {
  /** Path; default: $KUBECONFIG, ~/.kube/config, or the pod's ServiceAccount. */
  readonly kubeconfig?: string | undefined;
  /** Of the kubeconfig; default: its current one. */
  readonly context?: string | undefined;
  readonly userAgent?: string | undefined;
  /** Calls under way at once; others wait. Default 64. Watches are not counted. */
  readonly maxConcurrent?: number | undefined;
}

/** The server has this long for an answer. */
const SILENCE_MS = 30_000;
/** 429 with Retry-After is waited for this often. */
const POLITE_TRIES = 5;
const MAX_RETRY_AFTER_MS = 10_000;
const WATCH_MARGIN_MS = 15_000;
/** The server sends a bookmark each minute or so; a watch without a word for longer hangs. */
const WATCH_SILENCE_MS = 120_000;

type Body<T> = Omit<Partial<T>, 'metadata'> & { readonly metadata: Partial<ObjectMeta> & { readonly name: string } };

/** The API server, in plain JSON. All calls throw KubeErrors; GRIT_KUBE_CONFIG_INVALID at the first call. */
export class KubeClient {
  readonly #calls = new Map<string, number>();
  readonly #clock = new ServerClock();
  readonly #transport: Promise<Transport>;

  private constructor(options: KubeClientOptions) {
    const { kubeconfig, context, userAgent = 'grit', maxConcurrent = 64 } = options;
    this.#transport = Transport.open({ kubeconfig, context, userAgent, maxConcurrent, clock: this.#clock });
    // Whoever calls hears of it.
    this.#transport.catch(() => undefined);
  }

  static fromConfig(options: KubeClientOptions = {}): KubeClient {
    return new KubeClient(options);
  }

  /** Calls so far by verb and resource, for example `PATCH checkpoints/status`. */
  get calls(): ReadonlyMap<string, number> {
    return this.#calls;
  }

  /** By the clock of the API server: see ServerClock. */
  now(): Date {
    return this.#clock.now();
  }

  /** The namespace of the context, which is meant where none is named. */
  async namespace(): Promise<string> {
    return (await this.#transport).namespace;
  }

  get<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, signal: AbortSignal): Promise<T> {
    return this.#call<T>('get', type, { method: 'GET', path: resourcePath(type, ref), signal });
  }

  /** Undefined when it is not there. */
  async find<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await this.get(type, ref, signal);
    } catch (error) {
      if (error instanceof KubeError && error.isNotFound) return undefined;
      throw error;
    }
  }

  list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions, signal: AbortSignal): Promise<KubeList<T>> {
    const { namespace, ...query } = options;
    return this.#call<KubeList<T>>('list', type, {
      method: 'GET',
      path: resourcePath(type, { namespace }),
      query,
      signal,
    });
  }

  create<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: { readonly dryRun?: boolean | undefined },
    signal: AbortSignal,
  ): Promise<T> {
    const path = resourcePath(type, { namespace: object.metadata.namespace });
    const query = options.dryRun === true ? { dryRun: 'All' } : {};
    const body = { apiVersion: type.apiVersion, kind: type.kind, ...object };
    return this.#call<T>('create', type, { method: 'POST', path, query, body, signal });
  }

  /** Compare-and-set by metadata.resourceVersion: a Conflict when somebody else has written. */
  replace<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: { readonly subresource?: 'status' | undefined },
    signal: AbortSignal,
  ): Promise<T> {
    const path = resourcePath(type, { ...refTo(object), subresource: options.subresource });
    const body = { apiVersion: type.apiVersion, kind: type.kind, ...object };
    return this.#call<T>('update', type, { method: 'PUT', path, body, signal }, options.subresource);
  }

  /** Server-side apply: says all that the manager wants to own. */
  apply<T extends KubeObject>(
    type: ResourceType<T>,
    object: Body<T>,
    options: {
      readonly manager: string;
      readonly force?: boolean | undefined;
      readonly subresource?: 'status' | undefined;
    },
    signal: AbortSignal,
  ): Promise<T> {
    const path = resourcePath(type, { ...refTo(object), subresource: options.subresource });
    const query = { fieldManager: options.manager, force: options.force };
    const body = { ...object, apiVersion: type.apiVersion, kind: type.kind };
    const contentType = 'application/apply-patch+yaml';
    return this.#call<T>(
      'apply',
      type,
      { method: 'PATCH', path, query, body, contentType, signal },
      options.subresource,
    );
  }

  /** JSON merge patch. */
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    body: object,
    options: { readonly subresource?: 'status' | undefined },
    signal: AbortSignal,
  ): Promise<T> {
    const path = resourcePath(type, { ...ref, subresource: options.subresource });
    const contentType = 'application/merge-patch+json';
    return this.#call<T>('patch', type, { method: 'PATCH', path, body, contentType, signal }, options.subresource);
  }

  /** Fine when it is not there. With `uid` or `resourceVersion` only that very object: else a Conflict. */
  async delete(
    type: ResourceType,
    ref: ObjectRef,
    options: {
      readonly uid?: string | undefined;
      readonly resourceVersion?: string | undefined;
      readonly gracePeriodSeconds?: number | undefined;
      readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { propagation, gracePeriodSeconds } = options;
    const body = { preconditions: preconditionsOf(options), gracePeriodSeconds, propagationPolicy: propagation };
    await ignoreMissing(this.#call('delete', type, { method: 'DELETE', path: resourcePath(type, ref), body, signal }));
  }

  /** policy/v1 Eviction. Fine when the pod is not there; 429 when a PodDisruptionBudget stands against it. */
  async evict(
    pod: ObjectRef & { readonly uid?: string | undefined },
    options: { readonly gracePeriodSeconds?: number | undefined },
    signal: AbortSignal,
  ): Promise<void> {
    const { name, namespace, uid } = pod;
    const type = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      deleteOptions: { preconditions: preconditionsOf({ uid }), gracePeriodSeconds: options.gracePeriodSeconds },
    };
    const path = resourcePath(type, { name, namespace, subresource: 'eviction' });
    // A budget's 429 is an answer, not a request for patience.
    await ignoreMissing(this.#call('create', type, { method: 'POST', path, body, signal }, 'eviction', 1));
  }

  /** Changes after a resourceVersion, until the server ends it. A connection without a word, also without bookmarks, is broken off. */
  async *watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: Omit<ListOptions, 'limit' | 'continue'> & { readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const transport = await this.#transport;
    const { namespace, ...rest } = options;
    const query = { ...rest, watch: true, allowWatchBookmarks: true };
    this.#count('watch', type, undefined);
    const silenceMs = Math.min(options.timeoutSeconds * 1000 + WATCH_MARGIN_MS, WATCH_SILENCE_MS);
    const call = { method: 'GET' as const, path: resourcePath(type, { namespace }), query, silenceMs, signal };
    const answer = await transport.send(call, true);
    if (answer.statusCode === 401) transport.forgetCredentials();
    if (answer.statusCode !== 200) throw await errorOf(answer, `watch of ${type.plural}`);
    try {
      for await (const line of readLines(answer.body as AsyncIterable<Buffer>)) {
        if (line.length > 0) yield JSON.parse(line.toString('utf8')) as WatchEvent<T>;
      }
    } catch (error) {
      throw transport.noAnswer(error, signal);
    } finally {
      answer.body.destroy();
    }
  }

  /** Ends all connections; calls under way fail. */
  async close(): Promise<void> {
    await (await this.#transport.catch(() => undefined))?.close();
  }

  async #call<R>(
    verb: string,
    type: ResourceType,
    call: Omit<TransportRequest, 'silenceMs'>,
    subresource?: string,
    tries = POLITE_TRIES,
  ): Promise<R> {
    const transport = await this.#transport;
    for (let attempt = 1; ; attempt += 1) {
      this.#count(verb, type, subresource);
      const answer = await transport.send({ ...call, silenceMs: SILENCE_MS }, false);
      if (answer.statusCode < 300) {
        try {
          return (await answer.body.json()) as R;
        } catch (error) {
          throw transport.noAnswer(error, call.signal);
        }
      }
      if (answer.statusCode === 401) transport.forgetCredentials();
      const error = await errorOf(answer, `${verb} ${call.path.split('/').slice(-3).join('/')}`);
      if (!error.isTooManyRequests || error.retryAfterMs === undefined || attempt >= tries) throw error;
      await delay(Math.min(error.retryAfterMs, MAX_RETRY_AFTER_MS), undefined, { signal: call.signal });
    }
  }

  #count(verb: string, type: ResourceType, subresource: string | undefined): void {
    const name = `${verb} ${type.plural}${subresource === undefined ? '' : `/${subresource}`}`;
    this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
  }
}

function preconditionsOf(options: {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}): object | undefined {
  const { uid, resourceVersion } = options;
  return uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
}

async function ignoreMissing(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof KubeError && error.isNotFound)) throw error;
  }
}

async function errorOf(answer: Dispatcher.ResponseData, what: string): Promise<KubeError> {
  const text = await answer.body.text().catch(() => '');
  let status: {
    readonly message?: string;
    readonly reason?: string;
    readonly details?: { readonly retryAfterSeconds?: number };
  } = {};
  try {
    status = JSON.parse(text) as typeof status;
  } catch {
    status = { message: text.slice(0, 300) };
  }
  const header = Number(answer.headers['retry-after']);
  const seconds = Number.isFinite(header) && header > 0 ? header : status.details?.retryAfterSeconds;
  return new KubeError(`${what}: ${status.message ?? `HTTP ${answer.statusCode}`}`, {
    status: answer.statusCode,
    reason: status.reason,
    details: status.details,
    retryAfterMs: seconds === undefined ? undefined : seconds * 1000,
  });
}
