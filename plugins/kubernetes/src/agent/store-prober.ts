// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import type { CheckpointStore } from '../api/checkpoint-store.js';
import type { Informer } from '../kit/informer.js';
import type { NodeHandlers } from './node-handlers.js';
import { errorOf } from './running-step.js';
import type { StoreEntries, Tried } from './store-entries.js';

/** What stores are tried with. */
export interface StoreProberOptions {
  readonly stores: Informer<CheckpointStore>;
  readonly entries: StoreEntries;
  readonly probe: NodeHandlers['probeStore'];
  /** Longest probe. */
  readonly deadlineMs: number;
  /** Until a store that did not work is tried again; one that did is tried again after ten times as long. */
  readonly againMs: number;
  readonly logger: Logger;
}

const MOST_MESSAGE = 1024;

/** Tries every CheckpointStore when it is new or changed, and from time to time, and says in its status how that went on this node. */
export class StoreProber {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Generation that was tried last, by store. What an agent before this one found does not count: the node may have changed. */
  readonly #tried = new Map<string, number | undefined>();
  /** Probes under way, by store; one that changes meanwhile is probed once more. */
  readonly #probing = new Map<string, Promise<void>>();

  constructor(
    private readonly options: StoreProberOptions,
    private readonly signal: AbortSignal,
  ) {}

  start(): void {
    this.options.stores.onChange(({ type, object }) => {
      const { name } = object.metadata;
      if (type === 'deleted') this.#forget(object);
      else if (!this.#tried.has(name) || this.#tried.get(name) !== object.metadata.generation) this.#probe(name);
    });
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
    const store = this.options.stores.get({ name });
    if (store === undefined) return;
    this.#tried.set(name, store.metadata.generation);
    let ready = false;
    try {
      const entry = await this.#try(store);
      ready = entry.ready;
      await this.options.entries.write(store, entry);
    } catch (error) {
      if (!this.signal.aborted)
        logger.warn('the state of a store was not written', { store: name, reason: String(error) });
      ready = false;
    }
    if (this.signal.aborted) return;
    const changed = this.options.stores.get({ name })?.metadata.generation !== store.metadata.generation;
    const pause = changed ? 0 : ready ? againMs * 10 : againMs;
    this.#timers.set(name, setTimeout(() => this.#probe(name), pause).unref());
  }

  async #try(store: CheckpointStore): Promise<Tried> {
    const { probe, deadlineMs, logger } = this.options;
    const entry = { generation: store.metadata.generation ?? 0 };
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

  #forget(store: CheckpointStore): void {
    const { name } = store.metadata;
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    this.#tried.delete(name);
    this.options.entries.forget(store);
  }
}
