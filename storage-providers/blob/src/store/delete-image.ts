// SPDX-License-Identifier: Apache-2.0
import { changeCondemned } from '../collect/condemned.js';
import type { ObjectStore } from '../object-store.js';
import { recordKey, writerPrefix } from './object-key.js';
import { readRecord, vacateRecord } from './record-file.js';
import { removeBelow } from './remove-below.js';

/**
 * Takes the record away. What the image had is left to a collector, as other images may have it too; only what a writer put that has not
 * committed is nobody else's.
 */
export async function deleteImage(
  objects: ObjectStore,
  id: string,
  now: () => number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { record, etag } = await readRecord(objects, id, signal);
    if (etag === undefined) return;
    if (record?.state === 'writing') {
      const prefix = writerPrefix(id, record.token);
      // Before the record goes; see the abort of a writer.
      await changeCondemned(objects, (entries) => entries.set(prefix, now()), signal);
      if (await vacateRecord(objects, id, etag, signal)) await removeBelow(objects, prefix, signal);
    } else if (objects.deleteIf !== undefined) {
      await objects.deleteIf(recordKey(id), etag, signal);
    } else {
      // Whatever stands there by now goes: it was begun while this delete was on its way.
      return objects.delete([recordKey(id)], signal);
    }
  }
}
