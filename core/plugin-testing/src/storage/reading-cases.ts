// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { NEVER, failsAborted, failsWith } from '../suites/expect.js';
import type { StorageCases } from './storage-subject.js';
import { bytesOf, commitImage, drain, isInvisible, listed, put, readWhole } from './stored-bytes.js';

const MIB = 1024 * 1024;

/** How images are read, listed and deleted. */
export const READING_CASES: StorageCases = {
  'any range is read': async ({ storage }) => {
    const bytes = bytesOf(2 * MIB + 100, 1);
    await commitImage(storage, 'c-range', { a: bytes });
    const reader = await storage.open('c-range', NEVER);
    const edges = [0, 1, 4095, MIB - 1, MIB, MIB + 1, bytes.length - 1, bytes.length];
    for (const start of edges) {
      for (const end of edges.filter((edge) => edge >= start)) {
        const found = await drain(reader.read('a', { start, end }, NEVER));
        assert.ok(found.equals(bytes.subarray(start, end)), `range ${start}-${end}`);
      }
    }
  },

  'a range beyond the end is an error that names the part': async ({ storage }) => {
    await commitImage(storage, 'c-short', { 'x/a': bytesOf(100, 1) });
    const reader = await storage.open('c-short', NEVER);
    const error = await failsWith(
      drain(reader.read('x/a', { start: 50, end: 101 }, NEVER)),
      'GRIT_IMAGE_PART_TRUNCATED',
    );
    assert.match(error.message, /x\/a/);
  },

  'an object that is not there is an error that names the part': async ({ storage }) => {
    await commitImage(storage, 'c-less', {});
    const reader = await storage.open('c-less', NEVER);
    const size = await failsWith(reader.size('x/missing', NEVER), 'GRIT_IMAGE_PART_MISSING');
    assert.match(size.message, /x\/missing/);
    await failsWith(drain(reader.read('x/missing', { start: 0, end: 1 }, NEVER)), 'GRIT_IMAGE_PART_MISSING');
  },

  'many read at the same time': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-many', { a: bytesOf(MIB, 1), b: bytesOf(MIB, 2) });
    const providers = [storage, await reopen()];
    await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        const reader = await (providers[at % 2] ?? storage).open('c-many', NEVER);
        assert.deepEqual(await readWhole(reader, at < 4 ? 'a' : 'b'), bytesOf(MIB, at < 4 ? 1 : 2));
      }),
    );
  },

  'a read is cancelled in the middle': async ({ storage }) => {
    await commitImage(storage, 'c-stop', { a: bytesOf(8 * MIB, 1) });
    const reader = await storage.open('c-stop', NEVER);
    const cancelled = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const _ of reader.read('a', { start: 0, end: 8 * MIB }, cancelled.signal)) cancelled.abort();
    };
    await failsAborted(reading());
  },

  'the fast path for reading gives the same bytes': async ({ storage }) => {
    await commitImage(storage, 'c-path', { 'x/a': bytesOf(MIB + 3, 1) });
    const reader = await storage.open('c-path', NEVER);
    const path = await reader.localPath?.('x/a', NEVER);
    if (path !== undefined) assert.deepEqual(await readFile(path), bytesOf(MIB + 3, 1));
    if (reader.localPath) await failsWith(reader.localPath('no', NEVER), 'GRIT_IMAGE_PART_MISSING');
  },

  'an unknown id is told from a damaged one': async ({ storage }) => {
    await failsWith(storage.open('c-unknown', NEVER), 'GRIT_CHECKPOINT_NOT_FOUND');
  },

  'list has all that is committed, with size and time': async ({ storage, reopen }) => {
    assert.deepEqual(await listed(storage), []);
    await commitImage(storage, 'c-a', { x: bytesOf(1000, 1), 'y/z': bytesOf(24, 1) });
    await commitImage(storage, 'c-b', {});
    const writer = await storage.begin('c-c', NEVER);
    await put(writer, 'x', bytesOf(10, 1));
    const found = new Map<string, number>();
    for await (const { id, size, committedAt } of (await reopen()).list(NEVER)) {
      found.set(id, size);
      // The store's clock may be another one; it is a time in milliseconds all the same.
      assert.ok(Number.isSafeInteger(committedAt) && committedAt > Date.UTC(2020, 0), `committedAt ${committedAt}`);
    }
    assert.deepEqual([...found].sort(), [
      ['c-a', 1024],
      ['c-b', 0],
    ]);
  },

  'delete removes an image for everybody, and may be repeated': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-del', { a: bytesOf(1000, 1) });
    await commitImage(storage, 'c-keep', { a: bytesOf(1000, 2) });
    const other = await reopen();
    await other.delete('c-del', NEVER);
    await other.delete('c-del', NEVER);
    await storage.delete('c-never-was', NEVER);
    await failsWith(storage.open('c-del', NEVER), 'GRIT_CHECKPOINT_NOT_FOUND');
    assert.deepEqual(await listed(storage), ['c-keep']);
    assert.deepEqual(await readWhole(await storage.open('c-keep', NEVER), 'a'), bytesOf(1000, 2));
  },

  'delete removes what was not committed': async ({ storage }) => {
    const writer = await storage.begin('c-part', NEVER);
    await put(writer, 'a', bytesOf(1000, 1));
    await storage.delete('c-part', NEVER);
    await isInvisible(storage, 'c-part');
  },

  'a deleted id can be written anew': async ({ storage }) => {
    await commitImage(storage, 'c-new', { a: bytesOf(10, 1) });
    await storage.delete('c-new', NEVER);
    await commitImage(storage, 'c-new', { b: bytesOf(10, 2) }, Buffer.from('{"other":1}'));
    const reader = await storage.open('c-new', NEVER);
    assert.deepEqual(await readWhole(reader, 'b'), bytesOf(10, 2));
    await failsWith(reader.size('a', NEVER), 'GRIT_IMAGE_PART_MISSING');
  },
};
