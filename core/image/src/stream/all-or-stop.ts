// SPDX-License-Identifier: Apache-2.0
import { abortError, throwIfAborted } from './until-aborted.js';
import { inLanes } from './in-lanes.js';

/**
 * Works through the items, at most `lanes` at a time. At the first failure the others are stopped, by the signal that they are given, and
 * waited for; that failure is thrown, and not what stopping them did. Throws GRIT_ABORTED.
 */
export async function allOrStop<T>(
  items: readonly T[],
  { lanes, signal }: { readonly lanes: number; readonly signal: AbortSignal },
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const failures: unknown[] = [];
  await inLanes(items.length, lanes, async (index) => {
    try {
      throwIfAborted(either);
      await work(items[index] as T, either);
    } catch (error) {
      failures.push(error);
      failing.abort(abortError(failing.signal));
      throw error;
    }
  }).catch(() => undefined);
  if (failures.length > 0) throw failures[0];
}
