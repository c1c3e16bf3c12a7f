// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { lstat, open, readFile, readdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { ImageStorageWriter } from '@grit/plugin-api';
import { NEVER, failsAborted, failsWith } from '../suites/expect.js';
import type { StorageCases } from './storage-subject.js';
import { MANIFEST, bytesOf, listed, put, readWhole } from './stored-bytes.js';

const SIZE = 300_000;

/** For providers whose writers have a staging directory. */
export const STAGING_CASES: StorageCases = {
  'files made in the staging directory become objects': async ({ storage, reopen }) => {
    const writer = await storage.begin('c-staged', NEVER);
    const directory = await stagingOf(writer);
    assert.ok(isAbsolute(directory));
    assert.deepEqual(await readdir(directory), []);
    await putFrom(writer, directory, 'packs/one', bytesOf(SIZE, 1));
    await putFrom(writer, directory, 'packs/two', bytesOf(0, 2));
    assert.equal(await stagingOf(writer), directory, 'another path in the life of one writer');
    await writer.commit(MANIFEST, NEVER);
    const reader = await (await reopen()).open('c-staged', NEVER);
    assert.deepEqual(await readWhole(reader, 'packs/one'), bytesOf(SIZE, 1));
    assert.deepEqual(await readWhole(reader, 'packs/two'), bytesOf(0, 2));
  },

  'what is only staged is no object, and counts nowhere': async ({ storage }) => {
    const writer = await storage.begin('c-mixed', NEVER);
    const directory = await stagingOf(writer);
    await writeFile(join(directory, 'left'), bytesOf(SIZE, 1));
    assert.deepEqual(await listed(storage), []);
    await put(writer, 'a', bytesOf(10, 2));
    await writer.commit(MANIFEST, NEVER);
    await failsWith((await storage.open('c-mixed', NEVER)).size('left', NEVER), 'GRIT_IMAGE_PART_MISSING');
    for await (const { size } of storage.list(NEVER)) assert.equal(size, 10);
  },

  'the next writer finds what a lost one has staged, and none of its objects': async ({ storage, reopen }) => {
    const lost = await storage.begin('c-lost', NEVER);
    await putFrom(lost, await stagingOf(lost), 'packs/one', bytesOf(SIZE, 1));
    await put(lost, 'rows', bytesOf(99, 2));
    const writer = await (await reopen()).begin('c-lost', NEVER);
    const directory = await stagingOf(writer);
    assert.deepEqual(await readFile(join(directory, 'packs-one')), bytesOf(SIZE, 1));
    await putFrom(writer, directory, 'packs/one');
    await writer.commit(MANIFEST, NEVER);
    const reader = await storage.open('c-lost', NEVER);
    assert.deepEqual(await readWhole(reader, 'packs/one'), bytesOf(SIZE, 1));
    await failsWith(reader.size('rows', NEVER), 'GRIT_IMAGE_PART_MISSING');
  },

  'a writer that was overtaken is fenced, and its abort harms nobody': async ({ storage, reopen }) => {
    const first = await storage.begin('c-fence', NEVER);
    const directory = await stagingOf(first);
    await writeFile(join(directory, 'kept'), bytesOf(10, 1));
    const second = await (await reopen()).begin('c-fence', NEVER);
    await failsWith(stagingOf(first), 'GRIT_STEP_FENCED');
    await failsWith(put(first, 'a', bytesOf(9, 1)), 'GRIT_STEP_FENCED');
    await failsWith(putFile(first, 'b', join(directory, 'kept')), 'GRIT_STEP_FENCED');
    await failsWith(first.commit(MANIFEST, NEVER), 'GRIT_STEP_FENCED');
    await first.abort(NEVER);
    await putFrom(second, await stagingOf(second), 'kept');
    await second.commit(MANIFEST, NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-fence', NEVER), 'kept'), bytesOf(10, 1));
  },

  'the staging of one image is not that of another': async ({ storage }) => {
    const writers = await Promise.all(['c-a', 'c-b', 'c-a-b'].map((id) => storage.begin(id, NEVER)));
    const directories = await Promise.all(writers.map((writer) => stagingOf(writer)));
    assert.equal(new Set(directories).size, 3);
    for (const directory of directories) {
      await writeFile(join(directory, 'one'), '');
      assert.deepEqual(await readdir(directory), ['one']);
    }
  },

  'abort, delete and commit empty the staging': async ({ storage, reopen }) => {
    const ends: Readonly<Record<string, (writer: ImageStorageWriter) => Promise<void>>> = {
      abort: (writer) => writer.abort(NEVER),
      delete: () => storage.delete('c-end', NEVER),
      commit: async (writer) => {
        await writer.commit(MANIFEST, NEVER);
        await storage.delete('c-end', NEVER);
      },
    };
    for (const [name, end] of Object.entries(ends)) {
      const writer = await storage.begin('c-end', NEVER);
      const directory = await stagingOf(writer);
      await writeFile(join(directory, 'file'), bytesOf(10, 1));
      await end(writer);
      await assert.rejects(lstat(directory), `${name} left ${directory}`);
      assert.deepEqual(await readdir(await stagingOf(await (await reopen()).begin('c-end', NEVER))), [], name);
    }
  },

  'the whole write is repeated after a commit, and the commit compares': async ({ storage, reopen }) => {
    const write = async (writer: ImageStorageWriter, manifest: Uint8Array): Promise<void> => {
      await putFrom(writer, await stagingOf(writer), 'a', bytesOf(SIZE, 1));
      await writer.commit(manifest, NEVER);
    };
    const writer = await storage.begin('c-twice', NEVER);
    await write(writer, MANIFEST);
    await write(writer, MANIFEST);
    await write(await (await reopen()).begin('c-twice', NEVER), MANIFEST);
    const late = await (await reopen()).begin('c-twice', NEVER);
    const left = await stagingOf(late);
    await failsWith(write(late, Buffer.from('{}')), 'GRIT_IDEMPOTENCY_CONFLICT');
    await late.abort(NEVER);
    await assert.rejects(lstat(left));
    assert.deepEqual(await readWhole(await storage.open('c-twice', NEVER), 'a'), bytesOf(SIZE, 1));
  },

  'a staging directory is not made when the signal is aborted already': async ({ storage }) => {
    const writer = await storage.begin('c-no', NEVER);
    await failsAborted(stagingOf(writer, AbortSignal.abort()));
  },
};

async function stagingOf(writer: ImageStorageWriter, signal = NEVER): Promise<string> {
  const path = await writer.staging?.(signal);
  assert.ok(path !== undefined, 'the writer has no staging');
  return path;
}

/** Stores a file of the staging directory, which is made when bytes are given. */
async function putFrom(writer: ImageStorageWriter, directory: string, name: string, bytes?: Uint8Array): Promise<void> {
  const path = join(directory, name.replaceAll('/', '-'));
  if (bytes) {
    await using file = await open(path, 'w', 0o600);
    await file.writeFile(bytes);
  }
  await putFile(writer, name, path);
}

/** As a caller does it: streamed where the fast path says no. */
async function putFile(writer: ImageStorageWriter, name: string, path: string): Promise<void> {
  if ((await writer.putFile?.(name, path, { signal: NEVER })) !== true) await put(writer, name, await readFile(path));
}
