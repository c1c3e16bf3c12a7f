// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { NEVER, failsAborted, failsWith } from '../suites/expect.js';
import type { StorageCases, StorageSubject } from './storage-subject.js';
import { bytesOf, commitImage } from './stored-bytes.js';

const SIZE = 1024 * 1024 + 100;
type ReadInto = (name: string, start: number, target: Uint8Array, signal?: AbortSignal) => Promise<void>;

/** For providers whose readers read into memory of the caller. */
export const READ_INTO_CASES: StorageCases = {
  'any range is read into memory, and not a byte beyond it': async ({ storage }) => {
    const bytes = bytesOf(SIZE, 1);
    await commitImage(storage, 'c-into', { 'packs/a': bytes });
    const into = await readIntoOf(storage, 'c-into');
    const edges = [0, 1, 4095, 4096, 65_537, SIZE - 1, SIZE];
    for (const start of edges) {
      for (const end of edges.filter((edge) => edge >= start)) {
        const memory = Buffer.alloc(end - start + 32, 0xee);
        await into('packs/a', start, memory.subarray(16, 16 + end - start));
        assert.ok(memory.subarray(16, -16).equals(bytes.subarray(start, end)), `range ${start}-${end}`);
        for (const guard of [memory.subarray(0, 16), memory.subarray(-16)])
          assert.deepEqual(guard, Buffer.alloc(16, 0xee));
      }
    }
  },

  'many ranges are read into memory at a time': async ({ storage, reopen }) => {
    const bytes = bytesOf(SIZE, 2);
    await commitImage(storage, 'c-into', { a: bytes });
    const other = await reopen();
    const target = Buffer.alloc(SIZE);
    const piece = 100_000;
    await Promise.all(
      Array.from({ length: Math.ceil(SIZE / piece) }, async (_, at) => {
        const into = await readIntoOf(at % 2 === 0 ? storage : other, 'c-into');
        await into('a', at * piece, target.subarray(at * piece, (at + 1) * piece));
      }),
    );
    assert.ok(target.equals(bytes));
  },

  'a range into memory that ends beyond the object, or is of none, is an error that names it': async ({ storage }) => {
    await commitImage(storage, 'c-into', { 'x/a': bytesOf(100, 1) });
    const into = await readIntoOf(storage, 'c-into');
    for (const start of [50, 100, 5000]) {
      const cut = await failsWith(into('x/a', start, Buffer.alloc(51)), 'GRIT_IMAGE_PART_TRUNCATED');
      assert.match(cut.message, /x\/a/);
    }
    const missing = await failsWith(into('x/missing', 0, Buffer.alloc(1)), 'GRIT_IMAGE_PART_MISSING');
    assert.match(missing.message, /x\/missing/);
    await failsAborted(into('x/a', 0, Buffer.alloc(10), AbortSignal.abort()));
  },
};

async function readIntoOf(storage: StorageSubject['storage'], id: string): Promise<ReadInto> {
  const reader = await storage.open(id, NEVER);
  return async (name, start, target, signal = NEVER) => {
    assert.ok(reader.readInto !== undefined, 'the reader has no readInto');
    await reader.readInto(name, { start, end: start + target.length }, target, signal);
  };
}
