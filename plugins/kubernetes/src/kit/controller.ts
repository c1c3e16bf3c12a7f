// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import { KubeError } from './kube-error.js';
import { WorkQueue } from './work-queue.js';

const AWAY_MS = 4_000;
const CONFLICT_MS = 100;

/** What a look at one object leads to. */
export interface ReconcileResult {
  /** Looked at again after this time even if nothing changes. */
  readonly requeueAfterMs?: number | undefined;
}

/** The look that is due first of these; undefined when none is. */
export function soonest(...times: readonly (number | undefined)[]): ReconcileResult | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : { requeueAfterMs: Math.max(0, Math.min(...known)) };
}

/** How a controller is made. */
export interface ControllerOptions {
  readonly name: string;
  readonly concurrency: number;
  readonly logger: Logger;
  /** Looks at the object of a key and does what is missing. May be called at any time, any number of times; throws to be tried again. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult | undefined>;
}

/** Looks at objects when told that something about them changed. No error ends it. */
export class Controller {
  readonly name: string;
  readonly #queue = new WorkQueue();

  constructor(private readonly options: ControllerOptions) {
    this.name = options.name;
  }

  enqueue(key: string): void {
    this.#queue.add(key);
  }

  /** Works until the signal is aborted and the looks under way have ended. */
  async run(signal: AbortSignal): Promise<void> {
    const close = (): void => this.#queue.close();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    await Promise.all(Array.from({ length: this.options.concurrency }, () => this.#work(signal)));
    signal.removeEventListener('abort', close);
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const key = await this.#queue.take();
      if (key === undefined) return;
      try {
        const result = await this.options.reconcile(key, signal);
        this.#queue.forget(key);
        if (result?.requeueAfterMs !== undefined) this.#queue.addAfter(key, result.requeueAfterMs);
      } catch (error) {
        if (error instanceof KubeError && error.isConflict) this.#behind(key);
        else if (!signal.aborted) this.#failed(key, error);
      } finally {
        this.#queue.done(key);
      }
    }
  }

  /** What it stood on was out of date, which the cache is told soon: no failure. */
  #behind(key: string): void {
    this.#queue.forget(key);
    this.#queue.addAfter(key, CONFLICT_MS);
  }

  #failed(key: string, error: unknown): void {
    // An API server that is away is nobody's own failure: all are looked at soon after it is back.
    const isAway = error instanceof KubeError && error.isUnavailable;
    const pause = this.#queue.retry(key, isAway ? AWAY_MS : undefined);
    const reason = error instanceof Error ? error.message : String(error);
    const facts = { controller: this.name, key, reason, againInMs: pause };
    if (error instanceof KubeError) this.options.logger.warn('not done yet', facts);
    else
      this.options.logger.error('not done yet', { ...facts, stack: error instanceof Error ? (error.stack ?? '') : '' });
  }
}
