// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { RECORDS, idOfRecord } from '../../src/store/object-key.js';
import { parseRecord, type CommittedRecord } from '../../src/store/record.js';
import type { Bucket } from '../memory-objects.js';

/** All committed images, by what the bucket really has. */
export function committedIn(bucket: Bucket): Map<string, CommittedRecord> {
  const images = new Map<string, CommittedRecord>();
  for (const [key, { bytes }] of bucket.objects) {
    if (!key.startsWith(RECORDS)) continue;
    const record = parseRecord(bytes);
    assert.ok(record !== undefined, `${key} is no record`);
    if (record.state === 'committed') images.set(idOfRecord(key)!, record);
  }
  return images;
}

/** Every object of every committed image is there, with the bytes that belong to its name. */
export function checkWhole(bucket: Bucket): void {
  for (const [id, { objects }] of committedIn(bucket)) {
    for (const [name, { key, size }] of objects) {
      const found = bucket.objects.get(key);
      assert.ok(found !== undefined, `${id}/${name} is lost: ${key}`);
      assert.equal(found.bytes.length, size, `${id}/${name}`);
      assert.equal(Buffer.from(found.bytes).toString(), name, `${id}/${name} has other bytes`);
    }
  }
}

/** Objects that no committed image names. */
export function orphansIn(bucket: Bucket): string[] {
  const named = new Set(
    [...committedIn(bucket).values()].flatMap(({ objects }) => [...objects.values()].map((o) => o.key)),
  );
  return [...bucket.objects.keys()].filter((key) => key.startsWith('objects/') && !named.has(key));
}
