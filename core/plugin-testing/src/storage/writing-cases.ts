// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NEVER, eventually, failsAborted, failsWith } from '../suites/expect.js';
import type { StorageCases } from './storage-subject.js';
import { MANIFEST, bytesOf, commitImage, isInvisible, listed, put, readWhole } from './stored-bytes.js';

const MIB = 1024 * 1024;
const ALL = 1000;

/** How images come into a store. */
export const WRITING_CASES: StorageCases = {
  'check passes for a store that can be used': ({ storage }) => storage.check(NEVER),

  'what was committed is read by another node, byte by byte': async ({ storage, reopen }) => {
    const objects = {
      'criu/pages-1.img': bytesOf(3 * MIB + 5, 1),
      'criu/core-1.img': bytesOf(77, 2),
      empty: bytesOf(0, 3),
    };
    await commitImage(storage, 'c-round', objects);
    const reader = await (await reopen()).open('c-round', NEVER);
    assert.deepEqual(Buffer.from(await reader.manifest(NEVER)), Buffer.from(MANIFEST));
    for (const [name, bytes] of Object.entries(objects)) assert.deepEqual(await readWhole(reader, name), bytes, name);
  },

  'an image may have no object at all': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-none', {});
    const reader = await (await reopen()).open('c-none', NEVER);
    assert.deepEqual(Buffer.from(await reader.manifest(NEVER)), Buffer.from(MANIFEST));
  },

  'objects are put in parallel, by several writers': async ({ storage, reopen }) => {
    const writers = ['c-one', 'c-two', 'c-three'];
    await Promise.all(
      writers.map(async (id, seed) => {
        const writer = await storage.begin(id, NEVER);
        const names = Array.from({ length: 8 }, (_, at) => `d${at % 3}/o${at}`);
        await Promise.all(names.map((name, at) => put(writer, name, bytesOf(200_000 + at, seed * 10 + at))));
        await writer.commit(MANIFEST, NEVER);
      }),
    );
    const other = await reopen();
    assert.deepEqual(await listed(other), [...writers].sort());
    for (const [seed, id] of writers.entries()) {
      const reader = await other.open(id, NEVER);
      for (let at = 0; at < 8; at++) {
        assert.deepEqual(await readWhole(reader, `d${at % 3}/o${at}`), bytesOf(200_000 + at, seed * 10 + at));
      }
    }
  },

  'putting a name again replaces the object': async ({ storage }) => {
    await withWriter(storage, 'c-again', async (writer) => {
      await put(writer, 'a/b', bytesOf(5000, 1));
      await put(writer, 'a/b', bytesOf(10, 2));
    });
    assert.deepEqual(await readWhole(await storage.open('c-again', NEVER), 'a/b'), bytesOf(10, 2));
  },

  'the bytes that are reported sum to the size': async ({ storage }) => {
    let reported = 0;
    await withWriter(storage, 'c-count', async (writer) => {
      const onBytes = (bytes: number): unknown => (reported += bytes);
      await writer.put('o', pieces(40, 50_000), { signal: NEVER, onBytes });
    });
    assert.equal(reported, 40 * 50_000);
  },

  'nothing is visible before the commit': async ({ storage, reopen }) => {
    const writer = await storage.begin('c-half', NEVER);
    await isInvisible(storage, 'c-half');
    await put(writer, 'a', bytesOf(MIB, 1));
    await isInvisible(storage, 'c-half');
    await isInvisible(await reopen(), 'c-half');
    await writer.commit(MANIFEST, NEVER);
    assert.deepEqual(await listed(storage), ['c-half']);
  },

  'abort leaves nothing, and may be repeated': async ({ storage }) => {
    const writer = await storage.begin('c-gone', NEVER);
    await put(writer, 'a', bytesOf(MIB, 1));
    await writer.abort(NEVER);
    await writer.abort(NEVER);
    await isInvisible(storage, 'c-gone');
    await commitImage(storage, 'c-gone', { b: bytesOf(3, 2) });
    await failsWith((await storage.open('c-gone', NEVER)).size('a', NEVER), 'GRIT_IMAGE_PART_MISSING');
  },

  'abort after the commit does nothing': async ({ storage }) => {
    const writer = await storage.begin('c-stays', NEVER);
    await put(writer, 'a', bytesOf(9, 1));
    await writer.commit(MANIFEST, NEVER);
    await writer.abort(NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-stays', NEVER), 'a'), bytesOf(9, 1));
  },

  'commit is idempotent, and refuses another manifest': async ({ storage, reopen }) => {
    const writer = await storage.begin('c-twice', NEVER);
    await put(writer, 'a', bytesOf(9, 1));
    await writer.commit(MANIFEST, NEVER);
    await writer.commit(MANIFEST, NEVER);
    await failsWith(writer.commit(Buffer.from('{}'), NEVER), 'GRIT_IDEMPOTENCY_CONFLICT');

    const late = await (await reopen()).begin('c-twice', NEVER);
    await put(late, 'a', bytesOf(9, 2));
    await late.commit(MANIFEST, NEVER);
    await failsWith(late.commit(Buffer.from('{}'), NEVER), 'GRIT_IDEMPOTENCY_CONFLICT');
    await late.abort(NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-twice', NEVER), 'a'), bytesOf(9, 1));
  },

  'a writer that was lost between two objects is replaced by the next': async ({ storage, reopen }) => {
    const lost = await storage.begin('c-lost', NEVER);
    await put(lost, 'a', bytesOf(2 * MIB, 1));
    await put(lost, 'b', bytesOf(10, 1));
    const next = await reopen();
    await commitImage(next, 'c-lost', { a: bytesOf(100, 2) });
    const reader = await next.open('c-lost', NEVER);
    assert.deepEqual(await readWhole(reader, 'a'), bytesOf(100, 2));
    for await (const { id, size } of next.list(NEVER)) if (id === 'c-lost') assert.equal(size, 100);
  },

  'a source that fails in the middle fails the put with its error': async ({ storage }) => {
    const writer = await storage.begin('c-broken', NEVER);
    const source = (async function* (): AsyncGenerator<Uint8Array, void> {
      yield bytesOf(1000, 1);
      throw new Error('the source broke');
    })();
    await assert.rejects(writer.put('a', source, { signal: NEVER }), (error: Error) =>
      /the source broke/.test(`${error.message} ${String(error.cause)}`),
    );
    await writer.abort(NEVER);
    await isInvisible(storage, 'c-broken');
  },

  'a put is cancelled although its source hangs': async ({ storage }) => {
    const writer = await storage.begin('c-hang', NEVER);
    const cancelled = new AbortController();
    let asked = false;
    const source = (async function* (): AsyncGenerator<Uint8Array, void> {
      yield bytesOf(1000, 1);
      asked = true;
      await new Promise(() => undefined);
    })();
    const putting = writer.put('a', source, { signal: cancelled.signal });
    const outcome = failsAborted(putting);
    await eventually('the source is read', () => asked);
    cancelled.abort();
    await outcome;
    await writer.abort(NEVER);
    await isInvisible(storage, 'c-hang');
  },

  'a call whose signal is aborted already does nothing': async ({ storage }) => {
    const signal = AbortSignal.abort();
    await failsAborted(storage.check(signal));
    await failsAborted(storage.begin('c-no', signal));
    await failsAborted(storage.open('c-no', signal));
    await failsAborted(storage.delete('c-no', signal));
    const writer = await storage.begin('c-no', NEVER);
    await failsAborted(writer.put('a', pieces(1, 10), { signal }));
    await failsAborted(writer.commit(MANIFEST, signal));
    await isInvisible(storage, 'c-no');
  },

  'a put takes its source no faster than it stores': async ({ storage }) => {
    let pulled = 0;
    let stored = 0;
    let most = 0;
    const source = (async function* (): AsyncGenerator<Uint8Array, void> {
      for (let at = 0; at < 48; at++) {
        pulled += MIB;
        most = Math.max(most, pulled - stored);
        yield Buffer.alloc(MIB, at);
      }
    })();
    await withWriter(storage, 'c-slow', (writer) =>
      writer.put('a', source, { signal: NEVER, onBytes: (bytes) => (stored += bytes) }),
    );
    assert.ok(most <= 16 * MIB, `${most / MIB} MiB were taken and not yet stored`);
  },

  'ids and names that are no safe paths are refused': async ({ storage }) => {
    for (const id of ['', '.', '..', '../x', 'a/b', '/etc', 'a\0b', 'x'.repeat(ALL)]) {
      await failsWith(storage.begin(id, NEVER), 'GRIT_REQUEST_INVALID');
      await failsWith(storage.open(id, NEVER), 'GRIT_REQUEST_INVALID', 'GRIT_CHECKPOINT_NOT_FOUND');
      await failsWith(storage.delete(id, NEVER), 'GRIT_REQUEST_INVALID');
    }
    await commitImage(storage, 'c-names', {});
    const writer = await storage.begin('c-other', NEVER);
    const reader = await storage.open('c-names', NEVER);
    for (const name of ['', '.', '..', '../manifest.json', '/etc/passwd', 'a//b', 'a/../b', '.hidden', 'a\0']) {
      await failsWith(put(writer, name, bytesOf(1, 1)), 'GRIT_IMAGE_MANIFEST_INVALID');
      await failsWith(reader.size(name, NEVER), 'GRIT_IMAGE_MANIFEST_INVALID', 'GRIT_IMAGE_PART_MISSING');
    }
    await writer.abort(NEVER);
  },

  'the fast path for files stores the same bytes': async ({ storage, directory }) => {
    const path = join(directory, 'source');
    await writeFile(path, bytesOf(MIB + 1, 4));
    const writer = await storage.begin('c-file', NEVER);
    const missing = await writer.putFile?.('no', join(directory, 'not-there'), { signal: NEVER });
    assert.notEqual(missing, true);
    const taken = await writer.putFile?.('a/file', path, { signal: NEVER });
    if (taken !== true) await put(writer, 'a/file', bytesOf(MIB + 1, 4));
    await writer.commit(MANIFEST, NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-file', NEVER), 'a/file'), bytesOf(MIB + 1, 4));
  },
};

async function withWriter(
  storage: Parameters<typeof commitImage>[0],
  id: string,
  write: (writer: Awaited<ReturnType<typeof storage.begin>>) => Promise<void>,
): Promise<void> {
  const writer = await storage.begin(id, NEVER);
  await write(writer);
  await writer.commit(MANIFEST, NEVER);
}

async function* pieces(count: number, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < count; at++) yield bytesOf(size, at);
}
