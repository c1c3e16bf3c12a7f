// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError } from '@grit/plugin-api';

/** The error of a signal that was aborted: its reason when that is one of ours, else GRIT_ABORTED. */
export function abortError(signal: AbortSignal): GritError {
  const reason: unknown = signal.reason;
  if (isGritError(reason)) return reason;
  return new GritError('GRIT_ABORTED', 'aborted by the caller', { cause: reason });
}

/** Throws {@link abortError} when the signal is aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}

/** Waits for a promise until the signal is aborted; what it stands for goes on. Throws {@link abortError} then. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfAborted(signal);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(abortError(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * The same stream, but an abort ends it at once, also while the source hangs; the source is told and not waited for.
 * For storage providers: `put` and `read` have to end within a second of an abort.
 */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  throwIfAborted(signal);
  const iterator = source[Symbol.asyncIterator]();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(abortError(signal));
  aborted.catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  let ended = false;
  try {
    for (;;) {
      const result = await Promise.race([iterator.next(), aborted]);
      if (result.done === true) {
        ended = true;
        return;
      }
      yield result.value;
    }
  } catch (error) {
    ended = !signal.aborted;
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!ended) {
      const closing = iterator.return?.();
      if (signal.aborted) closing?.catch(() => undefined);
      else await closing;
    }
  }
}
