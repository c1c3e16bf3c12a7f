// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { ImageStorageWriter } from '@grit/plugin-api';
import { NEVER, failsAborted, failsWith } from '../suites/expect.js';
import type { StorageCases } from './storage-subject.js';
import { MANIFEST, bytesOf, commitImage, put, readWhole } from './stored-bytes.js';

const SIZE = 300_000;
const NAMES = ['packs/one', 'packs/two'];

/** For providers whose writers adopt objects of other images; the store of the subject must be able to. */
export const ADOPTION_CASES: StorageCases = {
  'adopted objects become objects of the image, those that are put': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-base', {
      'packs/one': bytesOf(SIZE, 1),
      'packs/two': bytesOf(100, 2),
      rows: bytesOf(9, 3),
    });
    const writer = await (await reopen()).begin('c-next', NEVER);
    assert.deepEqual(await adopt(writer, 'c-base', NAMES), NAMES);
    await putAdopted(writer, 'packs/one');
    await put(writer, 'rows', bytesOf(5, 4));
    await writer.commit(MANIFEST, NEVER);
    const reader = await storage.open('c-next', NEVER);
    assert.deepEqual(await readWhole(reader, 'packs/one'), bytesOf(SIZE, 1));
    assert.deepEqual(await readWhole(reader, 'rows'), bytesOf(5, 4));
    await failsWith(reader.size('packs/two', NEVER), 'GRIT_IMAGE_PART_MISSING');
    const sizes = new Map<string, number>();
    for await (const { id, size } of storage.list(NEVER)) sizes.set(id, size);
    assert.deepEqual([...sizes].sort(), [
      ['c-base', SIZE + 109],
      ['c-next', SIZE + 5],
    ]);
  },

  'an adopted object outlives its image, before and after the commit': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-base', { 'packs/one': bytesOf(SIZE, 1) });
    const writer = await storage.begin('c-next', NEVER);
    assert.deepEqual(await adopt(writer, 'c-base', ['packs/one']), ['packs/one']);
    await (await reopen()).delete('c-base', NEVER);
    await putAdopted(writer, 'packs/one');
    await writer.commit(MANIFEST, NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-next', NEVER), 'packs/one'), bytesOf(SIZE, 1));
    const third = await storage.begin('c-third', NEVER);
    assert.deepEqual(await adopt(third, 'c-next', ['packs/one']), ['packs/one']);
    await putAdopted(third, 'packs/one');
    await third.commit(MANIFEST, NEVER);
    await storage.delete('c-next', NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-third', NEVER), 'packs/one'), bytesOf(SIZE, 1));
  },

  'what a lost writer has adopted the next ones hold, also when its image is deleted': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-base', { 'packs/one': bytesOf(SIZE, 1), 'packs/two': bytesOf(100, 2) });
    const lost = await storage.begin('c-next', NEVER);
    assert.deepEqual(await adopt(lost, 'c-base', ['packs/one']), ['packs/one']);
    await putAdopted(lost, 'packs/one');
    const other = await reopen();
    const second = await other.begin('c-next', NEVER);
    await failsWith(adopt(lost, 'c-base', ['packs/two']), 'GRIT_STEP_FENCED');
    assert.deepEqual(await adopt(second, 'c-base', NAMES), NAMES, 'adopting is idempotent');
    await other.delete('c-base', NEVER);
    const third = await (await reopen()).begin('c-next', NEVER);
    assert.deepEqual(await adopt(third, 'c-base', NAMES), [], 'there is no such image any more');
    await putAdopted(third, 'packs/two');
    await third.commit(MANIFEST, NEVER);
    const reader = await storage.open('c-next', NEVER);
    assert.deepEqual(await readWhole(reader, 'packs/two'), bytesOf(100, 2));
    await failsWith(reader.size('packs/one', NEVER), 'GRIT_IMAGE_PART_MISSING');
  },

  'abort, delete and commit let go of what was adopted': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-base', { 'packs/one': bytesOf(100, 1) });
    const ends: Readonly<Record<string, (writer: ImageStorageWriter) => Promise<void>>> = {
      abort: (writer) => writer.abort(NEVER),
      delete: () => storage.delete('c-next', NEVER),
      commit: async (writer) => {
        await writer.commit(MANIFEST, NEVER);
        await storage.delete('c-next', NEVER);
      },
    };
    for (const [name, end] of Object.entries(ends)) {
      const writer = await storage.begin('c-next', NEVER);
      assert.deepEqual(await adopt(writer, 'c-base', ['packs/one']), ['packs/one']);
      await end(writer);
      const next = await (await reopen()).begin('c-next', NEVER);
      assert.equal(await next.putAdopted?.('packs/one', NEVER), false, name);
      await next.abort(NEVER);
    }
  },

  'the image that was adopted from is not changed, whatever becomes of the other': async ({ storage }) => {
    await commitImage(storage, 'c-base', { 'packs/one': bytesOf(SIZE, 1) });
    for (const end of ['delete', 'abort', 'replace'] as const) {
      const writer = await storage.begin('c-next', NEVER);
      assert.deepEqual(await adopt(writer, 'c-base', ['packs/one']), ['packs/one']);
      await putAdopted(writer, 'packs/one');
      await putAdopted(writer, 'packs/one');
      if (end === 'replace') await put(writer, 'packs/one', bytesOf(5, 2));
      if (end === 'abort') await writer.abort(NEVER);
      else await writer.commit(MANIFEST, NEVER);
      if (end === 'replace') {
        assert.deepEqual(await readWhole(await storage.open('c-next', NEVER), 'packs/one'), bytesOf(5, 2));
      }
      await storage.delete('c-next', NEVER);
      assert.deepEqual(await readWhole(await storage.open('c-base', NEVER), 'packs/one'), bytesOf(SIZE, 1), end);
    }
  },

  'what is not there, or not committed, is not adopted': async ({ storage }) => {
    await commitImage(storage, 'c-base', { 'a/one': bytesOf(100, 1) });
    const half = await storage.begin('c-half', NEVER);
    await put(half, 'one', bytesOf(100, 1));
    const writer = await storage.begin('c-next', NEVER);
    for (const image of ['c-never', 'c-half', 'c-next'])
      assert.deepEqual(await adopt(writer, image, ['one']), [], image);
    assert.deepEqual(await adopt(writer, 'c-base', ['one', 'a', 'a/one/more']), []);
    assert.deepEqual(await adopt(writer, 'c-base', []), []);
    for (const name of ['one', 'a', 'a/one']) assert.equal(await writer.putAdopted?.(name, NEVER), false, name);
    await failsWith(adopt(writer, '../c-base', ['a/one']), 'GRIT_REQUEST_INVALID');
    await failsWith(adopt(writer, 'c-base', ['../manifest.json']), 'GRIT_IMAGE_MANIFEST_INVALID');
    await failsAborted(adopt(writer, 'c-base', ['a/one'], AbortSignal.abort()));
    assert.deepEqual(await adopt(writer, 'c-base', ['one', 'a/one', 'two']), ['a/one']);
    await putAdopted(writer, 'a/one');
  },

  'many objects are adopted in one call': async ({ storage }) => {
    const names = Array.from({ length: 40 }, (_, at) => `packs/p-${at}`);
    await commitImage(storage, 'c-base', Object.fromEntries(names.map((name, at) => [name, bytesOf(10 + at, at)])));
    const writer = await storage.begin('c-next', NEVER);
    assert.deepEqual([...(await adopt(writer, 'c-base', names))].sort(), [...names].sort());
    await Promise.all(names.map((name) => putAdopted(writer, name)));
    await writer.commit(MANIFEST, NEVER);
    const reader = await storage.open('c-next', NEVER);
    for (const [at, name] of names.entries()) assert.deepEqual(await readWhole(reader, name), bytesOf(10 + at, at));
  },

  'a write with adopted objects is repeated after its commit': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-base', { 'packs/one': bytesOf(SIZE, 1) });
    for (const provider of [storage, await reopen()]) {
      const writer = await provider.begin('c-next', NEVER);
      await adopt(writer, 'c-base', ['packs/one']);
      await putAdopted(writer, 'packs/one');
      await writer.commit(MANIFEST, NEVER);
    }
    assert.deepEqual(await readWhole(await storage.open('c-next', NEVER), 'packs/one'), bytesOf(SIZE, 1));
  },
};

async function adopt(
  writer: ImageStorageWriter,
  image: string,
  names: readonly string[],
  signal = NEVER,
): Promise<readonly string[]> {
  assert.ok(writer.adopt !== undefined && writer.putAdopted !== undefined, 'the writer does not adopt');
  return writer.adopt(image, names, signal);
}

async function putAdopted(writer: ImageStorageWriter, name: string): Promise<void> {
  assert.equal(await writer.putAdopted?.(name, NEVER), true, `${name} is not held`);
}
