// SPDX-License-Identifier: Apache-2.0
import type { ObjectStore } from './object-store.js';
import { unlessRefused } from './refused.js';

/**
 * Writes a small object on a condition; gives its etag, or undefined where the condition does not hold. `put` sends it, and tells of each
 * try whose answer was lost: that one may have been done, and then it is our own object that the condition met.
 * @param unmet - codes of an answer that says that the condition does not hold
 */
export async function putOnCondition(
  store: Pick<ObjectStore, 'get'>,
  {
    key,
    bytes,
    unmet,
    signal,
  }: {
    readonly key: string;
    readonly bytes: Uint8Array;
    readonly unmet: readonly string[];
    readonly signal: AbortSignal;
  },
  put: (onLost: () => void) => Promise<string>,
): Promise<string | undefined> {
  const tries = { lost: false };
  const etag = await unlessRefused(unmet, () => put(() => void (tries.lost = true)));
  if (etag !== undefined || !tries.lost) return etag;
  const found = await store.get(key, signal);
  return found !== undefined && Buffer.compare(found.bytes, bytes) === 0 ? found.etag : undefined;
}
