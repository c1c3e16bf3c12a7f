// SPDX-License-Identifier: Apache-2.0
import type { ObjectStore } from '../object-store.js';
import { parseObjectKey } from '../store/object-key.js';
import { raise } from '../store/storage-error.js';
import { readRecords, type ListedRecord } from '../store/stored-records.js';

/** What images and writers need, as the records said when they were read. */
export class UsedObjects {
  readonly #keys = new Set<string>();
  /** Images that are being written: everything below them is used, also what is on its way. */
  readonly #writing = new Set<string>();

  private constructor(readonly records: ReadonlyMap<string, ListedRecord>) {
    for (const { id, record } of records.values()) {
      if (record === undefined || record.state === 'vacant') continue;
      if (record.state === 'writing') this.#writing.add(id);
      const objects = record.state === 'writing' ? record.adopted : record.objects;
      for (const { key } of objects.values()) this.#keys.add(key);
    }
  }

  /**
   * Reads all records; those that have not changed since `before` are taken from there. Throws GRIT_IMAGE_MANIFEST_INVALID for a record
   * that cannot be read: nobody knows what it needs, so nothing may be removed.
   */
  static async read(objects: ObjectStore, signal: AbortSignal, before?: UsedObjects): Promise<UsedObjects> {
    const records = new Map<string, ListedRecord>();
    for await (const listed of readRecords(objects, signal, before?.records)) {
      if (listed.record === undefined && listed.etag !== undefined) {
        const what = 'its record is damaged, or of another version: nothing is removed, as nobody knows what it needs';
        throw raise('GRIT_IMAGE_MANIFEST_INVALID', what, objects.label, { checkpoint: listed.id });
      }
      records.set(listed.id, listed);
    }
    return new UsedObjects(records);
  }

  /** As if there were no such records. */
  without(ids: ReadonlySet<string>): UsedObjects {
    return new UsedObjects(new Map([...this.records].filter(([id]) => !ids.has(id))));
  }

  has(key: string): boolean {
    if (this.#keys.has(key)) return true;
    const parsed = parseObjectKey(key);
    return parsed !== undefined && this.#writing.has(parsed.id);
  }

  /** Why an object is not used. */
  whyNot(key: string): 'unused' | 'abandoned' | 'unknown' {
    const parsed = parseObjectKey(key);
    if (parsed === undefined) return 'unknown';
    const record = this.records.get(parsed.id)?.record;
    return record === undefined || record.token === parsed.token ? 'unused' : 'abandoned';
  }
}
