// SPDX-License-Identifier: Apache-2.0
import { abortError, throwIfAborted } from '../stream/until-aborted.js';
import { readThreads } from './read-threads.js';

/** What is waited for after an abort, so that nothing is under way any more when the call returns. */
const PATIENCE_MS = 500;

/** One call of a user that works in the threads: what ends all of its work at once. */
export class ReadCall {
  /** For the threads: not 0 when the call is over. */
  readonly stop = new SharedArrayBuffer(4);
  /** True when a thread or the store did not come back after an abort: then files may still be written to. */
  hung = false;

  constructor(readonly signal: AbortSignal) {}

  /**
   * Works through the items, so many at a time, begun in their order. After the first failure nothing new is begun and what runs is
   * waited for; then the failure of the earliest item is thrown. An abort ends it within a second, whatever hangs.
   */
  async each<T>(
    items: Iterable<T>,
    work: (item: T) => Promise<void>,
    atATime: number = readThreads.lanes,
  ): Promise<void> {
    throwIfAborted(this.signal);
    const failures: { readonly order: number; readonly error: unknown }[] = [];
    const iterator = items[Symbol.iterator]();
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (failures.length === 0 && !this.signal.aborted) {
        const next = iterator.next();
        if (next.done === true) return;
        const order = begun++;
        try {
          await work(next.value);
        } catch (error) {
          failures.push({ order, error });
        }
      }
    };
    const lanes = Promise.all(Array.from({ length: atATime }, lane));
    await this.#unlessAborted(lanes);
    throwIfAborted(this.signal);
    const [first] = failures.sort((a, b) => a.order - b.order);
    if (first !== undefined) throw first.error;
  }

  async #unlessAborted(lanes: Promise<unknown>): Promise<void> {
    const { promise: aborted, resolve } = Promise.withResolvers<'aborted'>();
    const onAbort = (): void => resolve('aborted');
    this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      if ((await Promise.race([lanes, aborted])) !== 'aborted') return;
      Atomics.store(new Int32Array(this.stop), 0, 1);
      this.hung = !(await settles(lanes, PATIENCE_MS));
      if (this.hung) readThreads.retire();
      throw abortError(this.signal);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
    }
  }
}

async function settles(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  const inTime = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([inTime, late]);
  } finally {
    clearTimeout(timer);
  }
}
