// SPDX-License-Identifier: Apache-2.0
import type { Collected, Logger } from '@grit/plugin-api';
import type { CheckpointStore, StoreCollected } from '../api/checkpoint-store.js';
import { milliseconds } from '../api/duration.js';
import type { Informer } from '../kit/informer.js';
import type { NodeHandlers } from './node-handlers.js';
import { errorOf } from './running-step.js';
import type { StoreEntries } from './store-entries.js';

/** What stores are collected with. */
export interface StoreCollectorOptions {
  readonly node: string;
  readonly stores: Informer<CheckpointStore>;
  readonly entries: StoreEntries;
  readonly collect: NodeHandlers['collectStore'];
  /** Until a store in which it went wrong is tried again. */
  readonly againMs: number;
  readonly logger: Logger;
}

const EVERY_MS = 6 * 3_600_000;
const GRACE_MS = 24 * 3_600_000;
/** What clocks of nodes may differ. */
const SKEW_MS = 5 * 60_000;
/** The longest that a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Removes what no image needs from the stores whose collector this node is, as often as they say. The controllers name the collector; should
 * two nodes think for a moment that they are, they do the same work twice, and no harm.
 */
export class StoreCollector {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #working = new Map<string, Promise<void>>();
  /** When a store may be looked through again that could not be, by performance.now(). */
  readonly #notBefore = new Map<string, number>();

  constructor(
    private readonly options: StoreCollectorOptions,
    private readonly signal: AbortSignal,
  ) {}

  start(): void {
    this.options.stores.onChange(({ type, object }) => {
      if (type === 'deleted') this.#forget(object.metadata.name);
      else this.#look(object.metadata.name);
    });
    this.signal.addEventListener('abort', () => this.#timers.forEach((timer) => clearTimeout(timer)), { once: true });
  }

  /** Returns when no store is looked through. */
  async settled(): Promise<void> {
    await Promise.all(this.#working.values());
  }

  /** Begins what is due, or sets the alarm for it. */
  #look(name: string): void {
    clearTimeout(this.#timers.get(name));
    const store = this.options.stores.get({ name });
    if (this.signal.aborted || this.#working.has(name) || store === undefined) return;
    const dueMs = this.#dueMs(store);
    if (dueMs === undefined) return;
    if (dueMs > 0) {
      this.#timers.set(name, setTimeout(() => this.#look(name), Math.min(dueMs, LONGEST_MS)).unref());
      return;
    }
    const work = this.#collect(store).finally(() => {
      this.#working.delete(name);
      this.#look(name);
    });
    this.#working.set(name, work);
  }

  /** Milliseconds until this node is to collect; undefined when it is not its turn. */
  #dueMs(store: CheckpointStore): number | undefined {
    const { name } = store.metadata;
    const every = milliseconds(store.spec.collect?.every, EVERY_MS);
    if (store.status?.collector !== this.options.node || every === 0) return undefined;
    const all = [this.options.entries.of(store), ...(store.status.nodes ?? [])];
    const times = all.map((entry) => (entry?.collected === undefined ? 0 : Date.parse(entry.collected.at)));
    // Told by a clock that was wrong.
    const past = times.filter((time) => time <= Date.now() + SKEW_MS);
    const due = Math.max(0, ...past) + every - Date.now();
    return Math.max(due, (this.#notBefore.get(name) ?? -Infinity) - performance.now());
  }

  async #collect(store: CheckpointStore): Promise<void> {
    const { collect, entries, logger, againMs } = this.options;
    const { name } = store.metadata;
    try {
      const graceMs = milliseconds(store.spec.collect?.grace, GRACE_MS);
      const found = await collect(store, graceMs, this.signal);
      if (found === undefined) {
        // Its plugin shares nothing between images.
        this.#notBefore.set(name, performance.now() + milliseconds(store.spec.collect?.every, EVERY_MS));
        return;
      }
      const collected = collectedOf(found);
      logger.info('store looked through', { store: name, ...collected });
      await entries.write(store, { collected });
      this.#notBefore.delete(name);
    } catch (error) {
      if (this.signal.aborted) return;
      const { code, message } = errorOf(error);
      logger.warn('a store was not looked through', { store: name, code, reason: message });
      this.#notBefore.set(name, performance.now() + againMs);
    }
  }

  #forget(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    this.#notBefore.delete(name);
  }
}

function collectedOf({ removed, waiting, used }: Collected): StoreCollected {
  const at = new Date().toISOString();
  return { at, removedBytes: removed.bytes, waitingBytes: waiting.bytes, usedBytes: used.bytes };
}
