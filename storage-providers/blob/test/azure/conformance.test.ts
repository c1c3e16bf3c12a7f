// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageProviderSuite } from '@grit/plugin-testing';
import { BLOCK_SIZES } from '../../src/azure/block-sizes.js';
import { BlobStorage } from '../../src/store/blob-storage.js';
import { recordKey } from '../../src/store/object-key.js';
import { parseRecord } from '../../src/store/record.js';
import { Container, NEVER } from './container.js';

describe('storage-blob in Azure', function () {
  this.timeout(300_000);
  let container: Container;

  before(async function () {
    container = await Container.start(this);
  });
  after(() => Container.stop(container));

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
        const provider = (): BlobStorage =>
          new BlobStorage({ open: () => container.open({ prefix }, { sizes: BLOCK_SIZES }) });
        const objects = await container.open({ prefix });
        const change = async (key: string, edit: (bytes: Buffer) => Uint8Array): Promise<void> => {
          const found = (await objects.get(key, NEVER)) ?? assert.fail(`${key} is not there`);
          await objects.put(key, edit(Buffer.from(found.bytes)), { signal: NEVER });
        };
        const keyOf = async (id: string, part: string): Promise<string> => {
          const record = parseRecord((await objects.get(recordKey(id), NEVER))?.bytes ?? Buffer.alloc(0));
          assert.ok(record?.state === 'committed');
          return record.objects.get(part)?.key ?? assert.fail(`${id} has no ${part}`);
        };
        return {
          storage: provider(),
          directory: await mkdtemp(join(tmpdir(), 'grit-azure-')),
          reopen: async () => provider(),
          damage: {
            corrupt: async (id, part, offset) =>
              change(await keyOf(id, part), (bytes) => {
                bytes[offset]! ^= 0xff;
                return bytes;
              }),
            truncate: async (id, part, size) => change(await keyOf(id, part), (bytes) => bytes.subarray(0, size)),
            remove: async (id, part) => objects.delete([await keyOf(id, part)], NEVER),
            removeManifest: (id) => change(recordKey(id), (bytes) => bytes.subarray(0, bytes.indexOf('\n') + 1)),
          },
        };
      },
      destroy: ({ directory }) => rm(directory, { recursive: true }),
    });
  }
});
