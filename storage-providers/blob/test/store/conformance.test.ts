// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageProviderSuite } from '@grit/plugin-testing';
import { recordKey } from '../../src/store/object-key.js';
import { parseRecord } from '../../src/store/record.js';
import { BlobStorage } from '../../src/store/blob-storage.js';
import { Bucket, MemoryObjects } from '../memory-objects.js';

storageProviderSuite({
  adoption: true,
  readInto: true,
  replaceManifest: true,
  collect: true,
  title: 'storage-blob: conformance, in memory',
  create: async () => {
    const bucket = new Bucket();
    const provider = (): BlobStorage => new BlobStorage({ open: async () => new MemoryObjects(bucket) });
    const change = (key: string, edit: (bytes: Buffer) => Uint8Array): void => {
      const found = bucket.objects.get(key);
      assert.ok(found, `${key} is not there`);
      bucket.set(key, edit(Buffer.from(found.bytes)));
    };
    const keyOf = (id: string, part: string): string => {
      const record = parseRecord(bucket.objects.get(recordKey(id))?.bytes ?? Buffer.alloc(0));
      assert.ok(record?.state === 'committed');
      return record.objects.get(part)?.key ?? assert.fail(`${id} has no ${part}`);
    };
    return {
      storage: provider(),
      directory: await mkdtemp(join(tmpdir(), 'grit-blob-')),
      reopen: async () => provider(),
      litter: {
        put: async () => void bucket.set('objects/notes', Buffer.from('mine')),
        isThere: async () => bucket.objects.has('objects/notes'),
      },
      damage: {
        corrupt: async (id, part, offset) =>
          change(keyOf(id, part), (bytes) => {
            bytes[offset]! ^= 0xff;
            return bytes;
          }),
        truncate: async (id, part, size) => change(keyOf(id, part), (bytes) => bytes.subarray(0, size)),
        remove: async (id, part) => void bucket.objects.delete(keyOf(id, part)),
        removeManifest: async (id) => change(recordKey(id), (bytes) => bytes.subarray(0, bytes.indexOf('\n') + 1)),
      },
    };
  },
  destroy: ({ directory }) => rm(directory, { recursive: true }),
});
