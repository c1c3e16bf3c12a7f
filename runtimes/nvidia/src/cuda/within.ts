// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** Waits for a promise, up to a limit. What is behind the promise goes on. Errors: GRIT_TIMEOUT. */
export async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => limit.reject(new GritError('GRIT_TIMEOUT', `${what} within ${limitMs / 1000} s`)),
    limitMs,
  );
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a promise until an abort. What is behind the promise goes on. Errors: GRIT_ABORTED. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const abort = Promise.withResolvers<never>();
  const onAbort = (): void =>
    abort.reject(new GritError('GRIT_ABORTED', 'the caller gave up', { cause: signal.reason }));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    // The abort first: of a promise that is settled already, the caller does not want to know.
    return await Promise.race([abort.promise, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
