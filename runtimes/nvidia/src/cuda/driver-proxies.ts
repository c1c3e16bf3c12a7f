// SPDX-License-Identifier: Apache-2.0
import { AbandonedActions } from './abandoned-actions.js';
import { asGritError, ProxyEnded, DriverProxy, type ProxyOptions } from './driver-proxy.js';
import type { Action, ProxyReplies, ProxyRequest, Question } from './proxy-protocol.js';
import { unlessAborted } from './within.js';

/** What the proxies are started with. */
export interface ProxiesOptions extends Pick<ProxyOptions, 'libraryDirectory' | 'logger'> {
  /** Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Default: five minutes. */
  readonly idleMs?: number | undefined;
}

/** Longer than most restores of a process take before their GPUs' turn. */
const IDLE_MS = 300_000;
/** Questions that are under way at once; more wait. Each may hang with a frozen process, so there is room for many. */
const QUESTIONS = 64;

/**
 * The processes that call the driver, started when they are needed and kept for the next call.
 *
 * Questions share one: there are many of them, they are short, and one that is given up changes nothing when it is answered later. After one that was
 * stuck, the proxy gets no more; it is killed when its other questions are done.
 * Each action has a proxy for itself: the limit of one, or a driver that crashes in it, can then end it without anything happening to the others
 * that are under way, and once a caller has been told of the limit nothing more is done in its name. The price is a Node process for each action that
 * runs at the same time, so for each process with GPUs of the workloads that are being checkpointed.
 */
export class DriverProxies {
  readonly #all = new Set<DriverProxy>();
  readonly #actors = new Set<DriverProxy>();
  readonly #abandoned = new AbandonedActions();
  #asker: DriverProxy | undefined;

  constructor(private readonly options: ProxiesOptions) {}

  /**
   * Asks something. Errors: CudaError, GRIT_DEVICE_UNAVAILABLE, GRIT_DEVICE_FAILED (the proxy died twice), GRIT_TIMEOUT, GRIT_ABORTED.
   * @param limitMs - counted from when the proxy has begun
   */
  async ask<Q extends Question>(question: Q, limitMs: number, signal: AbortSignal): Promise<ProxyReplies[Q['call']]> {
    if ('pid' in question) await this.#abandoned.settled(question.pid, signal);
    return unlessAborted(this.#ask(question, limitMs), signal);
  }

  /**
   * Does something to a process. Errors: CudaError, GRIT_DEVICE_UNAVAILABLE, GRIT_DEVICE_FAILED (the proxy died), GRIT_TIMEOUT (it was killed),
   * GRIT_ABORTED (see {@link AbandonedActions}).
   * @param limitMs - counted from when the proxy has begun
   */
  async act(action: Action, limitMs: number, signal: AbortSignal): Promise<void> {
    await this.#abandoned.run(action.pid, signal, async () => this.#alone(action, limitMs));
  }

  /** Sees that so many actions at once find a process that has begun with the driver. Errors: GRIT_ABORTED. */
  async prepare(actions: number, limitMs: number, signal: AbortSignal): Promise<void> {
    const free = [...this.#actors].filter(({ usable, busy }) => usable && !busy).slice(0, actions);
    while (free.length < actions) free.push(this.#startActor());
    const begun = free.map(async (proxy) => proxy.call({ call: 'begin' }, limitMs, 'kill'));
    // Whatever is wrong, the action says it.
    await unlessAborted(Promise.allSettled(begun), signal);
  }

  /** Ends all of them; calls under way fail. A later call begins anew. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map(async (proxy) => proxy.kill()));
  }

  async #ask<Q extends Question>(question: Q, limitMs: number): Promise<ProxyReplies[Q['call']]> {
    if (this.#asker?.usable !== true) this.#asker = this.#start(QUESTIONS);
    try {
      return await this.#asker.call(question, limitMs, 'retire');
    } catch (error) {
      if (!(error instanceof ProxyEnded)) throw error;
      // It may have died of another question, so this one is asked again, alone.
      return this.#alone(question, limitMs);
    }
  }

  async #alone<R extends ProxyRequest>(request: R, limitMs: number): Promise<ProxyReplies[R['call']]> {
    const free = [...this.#actors].find(({ usable, busy }) => usable && !busy);
    const proxy = free ?? this.#startActor();
    try {
      return await proxy.call(request, limitMs, 'kill');
    } catch (error) {
      throw asGritError(error, request);
    }
  }

  #startActor(): DriverProxy {
    const proxy = this.#start(1);
    this.#actors.add(proxy);
    return proxy;
  }

  #start(threads: number): DriverProxy {
    const { libraryDirectory, logger, env = process.env, idleMs = IDLE_MS } = this.options;
    const proxy = new DriverProxy({ libraryDirectory, logger, env, idleMs, threads: threads + 1 });
    this.#all.add(proxy);
    void proxy.ended.then(() => {
      this.#all.delete(proxy);
      this.#actors.delete(proxy);
    });
    return proxy;
  }
}
