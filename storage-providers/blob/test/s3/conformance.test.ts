// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageProviderSuite } from '@grit/plugin-testing';
import { BlobStorage } from '../../src/store/blob-storage.js';
import { recordKey } from '../../src/store/object-key.js';
import { parseRecord } from '../../src/store/record.js';
import { Bucket, NEVER, stopAll, type Stoppable } from './bucket.js';

describe('storage-blob in S3', function () {
  this.timeout(300_000);
  const started: Stoppable[] = [];
  let bucket: Bucket;

  before(async function () {
    bucket = await Bucket.start(this);
    started.push(bucket);
  });
  after(() => stopAll(started));

  for (const [title, keys] of [
    ['conformance', false],
    ['conformance, encrypted', process.env['GRIT_MATRIX'] === 'full' ? true : 'images'],
  ] as const) {
    storageProviderSuite({
      adoption: true,
      readInto: true,
      replaceManifest: true,
      collect: true,
      keys,
      title,
      create: async () => {
        const prefix = `suite/${randomUUID()}`;
        const provider = (): BlobStorage => new BlobStorage({ open: () => bucket.open({ prefix }) });
        const objects = await bucket.open({ prefix });
        const record = async (id: string): Promise<Buffer> =>
          Buffer.from((await objects.get(recordKey(id), NEVER))?.bytes ?? []);
        // The server's own files: what happens to a disk below a service.
        const fileOf = async (id: string, part: string): Promise<string> => {
          const found = parseRecord(await record(id));
          assert.ok(found?.state === 'committed');
          const key = found.objects.get(part)?.key ?? assert.fail(`${id} has no ${part}`);
          return join(bucket.server.files, prefix, key);
        };
        return {
          storage: provider(),
          directory: await mkdtemp(join(tmpdir(), 'grit-s3-')),
          reopen: async () => provider(),
          damage: {
            corrupt: async (id, part, offset) => flip(await fileOf(id, part), offset),
            truncate: async (id, part, size) => truncate(await fileOf(id, part), size),
            remove: async (id, part) => rm(await fileOf(id, part)),
            removeManifest: async (id) => {
              const bytes = await record(id);
              await objects.put(recordKey(id), bytes.subarray(0, bytes.indexOf('\n') + 1), { signal: NEVER });
            },
          },
        };
      },
      destroy: ({ directory }) => rm(directory, { recursive: true }),
    });
  }
});

async function flip(path: string, offset: number): Promise<void> {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  await file.write(Buffer.from([byte[0]! ^ 0xff]), 0, 1, offset);
}
