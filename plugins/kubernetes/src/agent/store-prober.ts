// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import type { CheckpointStore, CheckpointStoreStatus } from '../api/checkpoint-store.js';
import { MANAGERS } from '../api/group.js';
import { STORES } from '../api/kinds.js';
import { Informer } from '../kit/informer.js';
import type { KubeClient } from '../kit/kube-client.js';
import type { NodeHandlers } from './node-handlers.js';
import { errorOf } from './running-step.js';

/** What stores are tried with. */
export interface StoreProberOptions {
  readonly client: KubeClient;
  readonly node: string;
  readonly probe: NodeHandlers['probeStore'];
  /** Longest probe. */
  readonly deadlineMs: number;
  /** Until a store that did not work is tried again; one that did is tried again after ten times as long. */
  readonly againMs: number;
  readonly logger: Logger;
}

type NodeEntry = NonNullable<CheckpointStoreStatus['nodes']>[number];

const MOST_MESSAGE = 1024;

/** Tries every CheckpointStore when it is new or changed, and from time to time, and says in its status how that went on this node. */
export class StoreProber {
  readonly #stores: Informer<CheckpointStore>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Generation that was tried last, by store. What an agent before this one found does not count: the node may have changed. */
  readonly #tried = new Map<string, number | undefined>();
  /** Probes under way, by store; one that changes meanwhile is probed once more. */
  readonly #probing = new Map<string, Promise<void>>();

  constructor(
    private readonly options: StoreProberOptions,
    private readonly signal: AbortSignal,
  ) {
    this.#stores = new Informer(options.client, STORES, {}, options.logger);
  }

  start(): void {
    this.#stores.onChange(({ type, object }) => {
      const { name } = object.metadata;
      if (type === 'deleted') this.#forget(name);
      else if (!this.#tried.has(name) || this.#tried.get(name) !== object.metadata.generation) this.#probe(name);
    });
    this.#stores.start(this.signal);
    this.signal.addEventListener('abort', () => this.#timers.forEach((timer) => clearTimeout(timer)), { once: true });
  }

  /** Returns when no probe is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#probing.values());
  }

  #probe(name: string): void {
    if (this.signal.aborted || this.#probing.has(name)) return;
    const work = this.#probeOnce(name).finally(() => this.#probing.delete(name));
    this.#probing.set(name, work);
  }

  async #probeOnce(name: string): Promise<void> {
    const { logger, againMs } = this.options;
    clearTimeout(this.#timers.get(name));
    const store = this.#stores.get({ name });
    if (store === undefined) return;
    this.#tried.set(name, store.metadata.generation);
    let ready = false;
    try {
      const entry = await this.#try(store);
      ready = entry.ready;
      await this.#say(name, entry);
    } catch (error) {
      if (!this.signal.aborted)
        logger.warn('the state of a store was not written', { store: name, reason: String(error) });
      ready = false;
    }
    if (this.signal.aborted) return;
    const changed = this.#stores.get({ name })?.metadata.generation !== store.metadata.generation;
    const pause = changed ? 0 : ready ? againMs * 10 : againMs;
    this.#timers.set(name, setTimeout(() => this.#probe(name), pause).unref());
  }

  async #try(store: CheckpointStore): Promise<NodeEntry> {
    const { node: name, probe, deadlineMs, logger } = this.options;
    const entry = { name, generation: store.metadata.generation ?? 0 };
    try {
      await probe(store, AbortSignal.any([this.signal, AbortSignal.timeout(deadlineMs)]));
      return { ...entry, ready: true };
    } catch (error) {
      this.signal.throwIfAborted();
      const { code, message, hint } = errorOf(error);
      logger.warn('a store cannot be used on this node', { store: store.metadata.name, code, reason: message });
      return { ...entry, ready: false, message: `${message}. ${hint}`.slice(0, MOST_MESSAGE) };
    }
  }

  /** Its own entry of the list, under a field manager of its own. */
  async #say(name: string, entry: NodeEntry): Promise<void> {
    const { client, node } = this.options;
    const head = { apiVersion: STORES.apiVersion, kind: STORES.kind, metadata: { name } };
    const how = { manager: `${MANAGERS.agent}-${node}`, force: true, subresource: 'status' } as const;
    await client.apply(STORES, { ...head, status: { nodes: [entry] } }, how, this.signal);
  }

  #forget(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    this.#tried.delete(name);
  }
}
