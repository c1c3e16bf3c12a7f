// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageStorageWriter } from '@grit/plugin-api';
import { NEVER, failsWith } from '../suites/expect.js';
import type { StorageCases } from './storage-subject.js';
import { MANIFEST, bytesOf, put, readWhole, streamOf } from './stored-bytes.js';

const SIZE = 300_000;
const IDENTITY = `blake3:${'0123abcd'.repeat(8)}`;

/** Objects that are put with an identity, which a provider may use and may ignore. */
export const IDENTITY_CASES: StorageCases = {
  'an object that the writer before has put with its identity is the same when it is put again': async ({
    storage,
    reopen,
  }) => {
    const lost = await storage.begin('c-1', NEVER);
    await putAs(lost, 'packs/one', IDENTITY, bytesOf(SIZE, 1));
    await put(lost, 'packs/two', bytesOf(50, 2));
    const writer = await (await reopen()).begin('c-1', NEVER);
    await putAs(writer, 'packs/one', IDENTITY, bytesOf(SIZE, 1));
    await writer.commit(MANIFEST, NEVER);
    const reader = await storage.open('c-1', NEVER);
    assert.deepEqual(await readWhole(reader, 'packs/one'), bytesOf(SIZE, 1));
    await failsWith(reader.size('packs/two', NEVER), 'GRIT_IMAGE_PART_MISSING');
    for await (const { size } of storage.list(NEVER)) assert.equal(size, SIZE);
  },

  'the same from a file, and after another writer that left it out': async ({ storage, reopen, directory }) => {
    const path = join(directory, 'pack');
    await writeFile(path, bytesOf(SIZE, 1));
    for (const names of [['packs/one'], [], ['packs/one']]) {
      const writer = await (await reopen()).begin('c-1', NEVER);
      for (const name of names) {
        const taken = await writer.putFile?.(name, path, { signal: NEVER, identity: IDENTITY });
        if (taken !== true) await putAs(writer, name, IDENTITY, bytesOf(SIZE, 1));
      }
    }
    const last = await storage.begin('c-1', NEVER);
    await putAs(last, 'packs/one', IDENTITY, bytesOf(SIZE, 1));
    await last.commit(MANIFEST, NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-1', NEVER), 'packs/one'), bytesOf(SIZE, 1));
  },

  'another identity, another name or another image is another object': async ({ storage, reopen }) => {
    const lost = await storage.begin('c-1', NEVER);
    await putAs(lost, 'packs/one', IDENTITY, bytesOf(SIZE, 1));
    const writer = await (await reopen()).begin('c-1', NEVER);
    await putAs(writer, 'packs/one', 'sha256:00', bytesOf(99, 2));
    await putAs(writer, 'packs/two', IDENTITY, bytesOf(98, 3));
    await put(writer, 'three', bytesOf(97, 4));
    await writer.commit(MANIFEST, NEVER);
    const other = await storage.begin('c-2', NEVER);
    await putAs(other, 'packs/one', IDENTITY, bytesOf(96, 5));
    await other.commit(MANIFEST, NEVER);
    const reader = await storage.open('c-1', NEVER);
    assert.deepEqual(await readWhole(reader, 'packs/one'), bytesOf(99, 2));
    assert.deepEqual(await readWhole(reader, 'packs/two'), bytesOf(98, 3));
    assert.deepEqual(await readWhole(reader, 'three'), bytesOf(97, 4));
    assert.deepEqual(await readWhole(await storage.open('c-2', NEVER), 'packs/one'), bytesOf(96, 5));
  },

  'what was half put with an identity is not taken for it': async ({ storage, reopen }) => {
    const lost = await storage.begin('c-1', NEVER);
    const broken = (async function* (): AsyncGenerator<Uint8Array, void> {
      yield bytesOf(1000, 9);
      throw new Error('the source broke');
    })();
    await assert.rejects(lost.put('packs/one', broken, { signal: NEVER, identity: IDENTITY }));
    const writer = await (await reopen()).begin('c-1', NEVER);
    await putAs(writer, 'packs/one', IDENTITY, bytesOf(SIZE, 1));
    await writer.commit(MANIFEST, NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-1', NEVER), 'packs/one'), bytesOf(SIZE, 1));
  },
};

async function putAs(writer: ImageStorageWriter, name: string, identity: string, bytes: Uint8Array): Promise<void> {
  await writer.put(name, streamOf(bytes), { signal: NEVER, identity });
}
