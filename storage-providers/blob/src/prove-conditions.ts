// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { GritError } from '@grit/plugin-api';
import type { ObjectStore } from './object-store.js';

const CLEANUP_MS = 30_000;

/**
 * Shows with an object of its own, below `check/`, that what is written is read, that it can be deleted, and that conditions are kept.
 * Throws GRIT_STORAGE_UNSUITABLE, with the hint that says what else to use.
 */
export async function proveConditions(store: ObjectStore, hint: string, signal: AbortSignal): Promise<void> {
  const key = `check/${randomUUID()}`;
  // Each of its own, or a write would be taken for one whose answer was lost.
  const bytes = (which: number): Buffer => Buffer.from(`${which} ${key}\n`);
  const put = (which: number, condition: { absent: true } | { etag: string }) =>
    store.put(key, bytes(which), { condition, signal });
  const must = (holds: boolean, what: string): void => {
    if (holds) return;
    throw new GritError('GRIT_STORAGE_UNSUITABLE', `${store.label}: the service cannot be used: ${what}`, { hint });
  };
  try {
    const etag = await put(1, { absent: true });
    must(etag !== undefined, 'it refuses to write an object only where there is none');
    const again = await put(2, { absent: true });
    must(again === undefined, 'it ignores If-None-Match: two writers would not see each other');
    const next = await put(3, { etag: etag ?? '' });
    must(next !== undefined, 'it refuses If-Match with the ETag that it gave');
    const late = await put(4, { etag: etag ?? '' });
    must(late === undefined, 'it ignores If-Match: two writers would not see each other');
    const found = await store.get(key, signal);
    const same = found !== undefined && bytes(3).equals(found.bytes) && found.etag === next;
    must(same, 'what was written is not what is read afterwards');
    await store.delete([key], signal);
    must((await store.get(key, signal)) === undefined, 'what was deleted can still be read');
  } catch (error) {
    await store.delete([key], AbortSignal.timeout(CLEANUP_MS)).catch(() => undefined);
    throw error;
  }
}
