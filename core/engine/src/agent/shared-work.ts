// SPDX-License-Identifier: Apache-2.0
import { orAborted } from '@grit/image';
import { GritError } from '@grit/plugin-api';

interface Running<T, P> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  readonly listeners: Set<(news: P) => void>;
  waiters: number;
  leaving?: NodeJS.Timeout | undefined;
}

/** Work that several may wait for and that is done once. It is stopped when nobody has waited for it for a while. */
export class SharedWork<T, P> {
  readonly #running = new Map<string, Running<T, P>>();
  #closed = false;

  /** @param lingerMs - how long it goes on without anybody who waits, milliseconds */
  constructor(private readonly lingerMs: number) {}

  has(key: string): boolean {
    return this.#running.has(key);
  }

  /** Begins the work, or joins it. `signal` ends the waiting. Errors: those of the work; GRIT_ABORTED. */
  async run(
    key: string,
    work: (stop: AbortSignal, tell: (news: P) => void) => Promise<T>,
    signal: AbortSignal,
    listener: (news: P) => void,
  ): Promise<T> {
    if (this.#closed) throw new GritError('GRIT_ABORTED', 'this process ends');
    const running = this.#running.get(key) ?? this.#begin(key, work);
    clearTimeout(running.leaving);
    running.waiters++;
    running.listeners.add(listener);
    try {
      return await orAborted(running.result, signal);
    } finally {
      running.listeners.delete(listener);
      if (--running.waiters === 0) {
        running.leaving = setTimeout(() => running.stop.abort(), this.lingerMs).unref();
      }
    }
  }

  /** Stops everything, and returns when it has ended. Nothing more is begun. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#running.values()];
    for (const { stop } of all) stop.abort();
    await Promise.allSettled(all.map(({ result }) => result));
  }

  #begin(key: string, work: (stop: AbortSignal, tell: (news: P) => void) => Promise<T>): Running<T, P> {
    const stop = new AbortController();
    const listeners = new Set<(news: P) => void>();
    const tell = (news: P): void => listeners.forEach((listener) => listener(news));
    const result = work(stop.signal, tell).finally(() => {
      clearTimeout(running.leaving);
      this.#running.delete(key);
    });
    const running: Running<T, P> = { result, stop, listeners, waiters: 0 };
    // Whoever waits is told.
    result.catch(() => undefined);
    this.#running.set(key, running);
    return running;
  }
}
