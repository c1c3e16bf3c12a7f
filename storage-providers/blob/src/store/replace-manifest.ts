// SPDX-License-Identifier: Apache-2.0
import type { ObjectStore } from '../object-store.js';
import { readRecord, replaceRecord } from './record-file.js';
import { raise } from './storage-error.js';

/** Puts another manifest into the record of a committed image; see StorageProvider. */
export async function replaceManifest(
  objects: ObjectStore,
  id: string,
  { expected, manifest }: { readonly expected: Uint8Array; readonly manifest: Uint8Array },
  signal: AbortSignal,
): Promise<void> {
  const place = { checkpoint: id, part: 'manifest.json' };
  for (;;) {
    const { record, etag } = await readRecord(objects, id, signal);
    if (record?.state !== 'committed') {
      throw raise('GRIT_CHECKPOINT_NOT_FOUND', 'there is no such checkpoint', objects.label, { checkpoint: id });
    }
    const found = record.manifest ?? new Uint8Array(0);
    if (record.manifest !== undefined && Buffer.compare(found, manifest) === 0) return;
    if (Buffer.compare(found, expected) !== 0) {
      throw raise('GRIT_IDEMPOTENCY_CONFLICT', 'another manifest stands there', objects.label, place);
    }
    if ((await replaceRecord(objects, id, { etag, record: { ...record, manifest } }, signal)) !== undefined) return;
  }
}
