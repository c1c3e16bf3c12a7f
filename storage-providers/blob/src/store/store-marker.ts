// SPDX-License-Identifier: Apache-2.0
import type { ObjectStore } from '../object-store.js';
import { Phantoms } from './phantoms.js';
import { raise } from './storage-error.js';

const MARKER = 'grit-store.json';
const TEXT = '{"format":"grit-store/1"}\n';

/** Says that it is a store, and of which format. Throws GRIT_STORAGE_UNSUITABLE for one of another format. */
export async function ensureMarker(objects: ObjectStore, signal: AbortSignal): Promise<void> {
  const phantoms = new Phantoms(objects, MARKER);
  while (!(await hasMarker(objects, signal))) {
    const put = await objects.put(MARKER, Buffer.from(TEXT), { condition: { absent: true }, signal });
    if (put !== undefined) return;
    phantoms.meet();
  }
}

/** False where nothing was ever written. */
export async function hasMarker(objects: ObjectStore, signal: AbortSignal): Promise<boolean> {
  const found = await objects.get(MARKER, signal);
  if (found === undefined) return false;
  if (Buffer.compare(found.bytes, Buffer.from(TEXT)) === 0) return true;
  throw raise('GRIT_STORAGE_UNSUITABLE', `${MARKER} is of a format that this version does not know`, objects.label, {});
}
