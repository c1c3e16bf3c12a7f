// SPDX-License-Identifier: Apache-2.0
import type { ObjectStore } from '../object-store.js';

/** Removes all objects whose keys begin with the prefix. */
export async function removeBelow(objects: ObjectStore, prefix: string, signal: AbortSignal): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of objects.list(prefix, signal)) keys.push(key);
  if (keys.length > 0) await objects.delete(keys, signal);
}
