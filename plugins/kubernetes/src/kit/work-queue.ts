// SPDX-License-Identifier: Apache-2.0
import { backOffMs } from './back-off.js';

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 300_000;
/** Timers of more than 24 days go off at once; a look too early does no harm. */
const MAX_TIMER_MS = 86_400_000;

/**
 * Keys that have to be looked at, each once however often it is added, never by two workers at once. A key that is added while it
 * is in hand comes once more after.
 */
export class WorkQueue {
  /** Insertion order is the order of work. */
  readonly #waiting = new Set<string>();
  readonly #inHand = new Set<string>();
  readonly #again = new Set<string>();
  readonly #later = new Map<string, { readonly timer: NodeJS.Timeout; readonly at: number }>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  /** @param now - time in ms, with the same pace as setTimeout */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Keys that wait, not counting those that come later. */
  get size(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#inHand.has(key)) {
      this.#again.add(key);
      return;
    }
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#waiting.add(key);
      return;
    }
    this.#inHand.add(key);
    taker(key);
  }

  /** Of several times the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const at = this.now() + Math.min(ms, MAX_TIMER_MS);
    const known = this.#later.get(key);
    if (known !== undefined && known.at <= at) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(
      () => {
        this.#later.delete(key);
        this.add(key);
      },
      Math.min(ms, MAX_TIMER_MS),
    );
    this.#later.set(key, { timer, at });
  }

  /** After a failure: 1 s, then twice as long each time, up to 300 s or less. Returns the pause in ms. */
  retry(key: string, mostMs = MAX_PAUSE_MS): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const pause = backOffMs(failures, FIRST_PAUSE_MS, mostMs);
    this.addAfter(key, pause);
    return pause;
  }

  /** It went well: the next failure is the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key; undefined when the queue is closed. Whoever takes a key says {@link WorkQueue.done}. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      this.#inHand.add(key);
      return Promise.resolve(key);
    }
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: string): void {
    this.#inHand.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Nothing is taken or added any more. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#later.values()) clearTimeout(timer);
    this.#later.clear();
    this.#waiting.clear();
    this.#again.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }
}
