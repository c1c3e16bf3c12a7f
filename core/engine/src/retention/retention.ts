// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import {
  API_VERSION,
  toGritError,
  type Logger,
  type OperationClient,
  type OperationStatus,
  type StorageProvider,
} from '@grit/plugin-api';
import type { Catalog } from '../catalog/catalog.js';
import { ImageObjects } from './image-objects.js';
import { planOfStore } from './plan-of-store.js';
import type { DeleteReason, RetentionDecision } from './plan-retention.js';
import type { RetentionPolicy } from './retention-policy.js';

/** Every so often all stores are looked at, with or without a new checkpoint. */
const EVERY_MS = 600_000;
const COLLECT_EVERY_MS = 6 * 3_600_000;
/** Deletes of one round; the next round comes at once when there are more. */
const MOST_DELETES = 100;

/** What {@link Retention} works with. */
export interface RetentionServices {
  readonly catalog: Catalog;
  readonly operations: Pick<OperationClient, 'submit' | 'watch'>;
  readonly storages: ReadonlyMap<string, StorageProvider>;
  /** By name of the storage. */
  readonly policies: ReadonlyMap<string, RetentionPolicy>;
  readonly logger: Logger;
}

/**
 * Keeps the stores of a server within their policies: after each new checkpoint and now and then. It deletes by ordinary operations, so
 * that whatever guards a delete guards these too; then the stores give back what no image needs. One per catalog, like its server.
 */
export class Retention {
  readonly #stop = new AbortController();
  readonly #due = new Set<string>();
  readonly #objects = new Map<string, ImageObjects>();
  readonly #collectedAt = new Map<string, number>();
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(private readonly services: RetentionServices) {}

  start(): void {
    const now = Date.now();
    // Not at once: a server that was started for one command does not begin with going through its stores.
    for (const name of this.services.storages.keys()) this.#collectedAt.set(name, now - COLLECT_EVERY_MS + EVERY_MS);
    this.#running ??= this.#run();
  }

  /** A checkpoint was sealed: its store may have one too many. */
  noticeSeal(storage: string): void {
    this.#due.add(storage);
    this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#running;
  }

  /**
   * Deletes what the policy of a store does not keep, and waits for it; at most so many at a time. Gives how many were deleted.
   * Errors: those of the store.
   */
  async apply(storage: string, signal: AbortSignal): Promise<number> {
    const provider = this.services.storages.get(storage);
    if (provider === undefined) return 0;
    // Without one there are still checkpoints with a time of their own.
    const policy = this.services.policies.get(storage) ?? {};
    const plan = await this.#plan(storage, policy, provider, signal);
    const leaving = plan
      .flatMap((decision) => (decision.verdict === 'delete' ? [decision] : []))
      .slice(0, MOST_DELETES);
    // The same request again within the pause is the same operation, also after a crash; a failed one has its next try after it.
    const slot = Math.floor(Date.now() / EVERY_MS);
    const ends = leaving.map((decision) => this.#delete(storage, decision, slot, signal));
    const deleted = (await Promise.all(ends)).filter((succeeded) => succeeded).length;
    return deleted;
  }

  /** Lets a store remove what no image needs. Errors: those of the store. */
  async collect(storage: string, signal: AbortSignal): Promise<void> {
    const provider = this.services.storages.get(storage);
    if (provider?.collect === undefined) return;
    const graceMs = this.services.policies.get(storage)?.graceMs;
    const { used, removed, waiting } = await provider.collect({ signal, ...(graceMs !== undefined && { graceMs }) });
    this.services.logger.info('store collected', {
      storage,
      usedBytes: used.bytes,
      removed: removed.objects,
      removedBytes: removed.bytes,
      waitingBytes: waiting.bytes,
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const sealed = [...this.#due];
      this.#due.clear();
      for (const storage of sealed) await this.#guarded(storage, () => this.#round(storage, signal));
      if (this.#due.size > 0) continue;
      if (await this.#pause(signal)) continue;
      for (const storage of this.services.storages.keys()) {
        await this.#guarded(storage, async () => {
          await this.#round(storage, signal);
          if (Date.now() - (this.#collectedAt.get(storage) ?? 0) < COLLECT_EVERY_MS) return;
          this.#collectedAt.set(storage, Date.now());
          await this.collect(storage, signal);
        });
      }
    }
  }

  async #round(storage: string, signal: AbortSignal): Promise<void> {
    while ((await this.apply(storage, signal)) === MOST_DELETES) signal.throwIfAborted();
  }

  /** True when it was woken up before the time. */
  async #pause(signal: AbortSignal): Promise<boolean> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await delay(EVERY_MS, undefined, { signal: AbortSignal.any([signal, woken.signal]), ref: false });
      return false;
    } catch {
      return true;
    } finally {
      this.#wake = undefined;
    }
  }

  /** A store that does not answer is looked at again later; the others have theirs now. */
  async #guarded(storage: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.services.logger.warn('retention failed', { storage, reason: toGritError(error).message });
    }
  }

  async #plan(
    storage: string,
    policy: RetentionPolicy,
    provider: StorageProvider,
    signal: AbortSignal,
  ): Promise<RetentionDecision[]> {
    const { catalog } = this.services;
    const objects =
      policy.maxBytes === undefined ? new Map<string, never>() : await this.#read(storage, provider, signal);
    return planOfStore({
      storage,
      policy,
      objects,
      now: Date.now(),
      checkpoints: await catalog.checkpoints.list({}, signal),
      operations: catalog.listOperations({ unfinished: true }),
      workloads: catalog.listWorkloads(),
      requestOf: ({ operation }) => requestOf(catalog, operation)?.request,
    });
  }

  #read(storage: string, provider: StorageProvider, signal: AbortSignal): ReturnType<ImageObjects['read']> {
    let objects = this.#objects.get(storage);
    if (objects === undefined) this.#objects.set(storage, (objects = new ImageObjects(provider)));
    return objects.read(signal);
  }

  async #delete(
    storage: string,
    { id, reason }: { readonly id: string; readonly reason: DeleteReason },
    slot: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { operations, logger } = this.services;
    const request = {
      apiVersion: API_VERSION,
      kind: 'delete',
      checkpoint: id,
      // A copy elsewhere is not kept, nor let go, by the policy of this store.
      storage,
      idempotencyKey: `retention/${id}/${String(slot)}`,
      requestedBy: 'retention',
    } as const;
    const submitted = await operations.submit(request, signal);
    if (!submitted.duplicate) logger.info('checkpoint is deleted', { storage, checkpoint: id, reason });
    for await (const { phase } of operations.watch(submitted.id, signal)) if (phase === 'Succeeded') return true;
    return false;
  }
}

/** A record that came from elsewhere has no operation here. */
function requestOf(catalog: Catalog, operation: string): OperationStatus | undefined {
  try {
    return catalog.getOperation(operation);
  } catch {
    return undefined;
  }
}
