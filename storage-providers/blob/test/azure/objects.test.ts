// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { AzureStore } from '../../src/azure/azure-store.js';
import type { UploadSource } from '../../src/object-store.js';
import { all, failsWith } from '../s3/expect.js';
import { inPieces, someBytes, sourceOf } from '../s3/some-bytes.js';
import { Container, KIB, NEVER } from './container.js';

const CALL = { signal: NEVER };
const NAMES = ['a b', 'a+b%20', "it's (1)!*", 'grüße/☃', 'a#b?c=d&e', 'x/y/z'];

describe('azure: blobs', function () {
  this.timeout(120_000);
  let container: Container;
  let store: AzureStore;

  before(async function () {
    container = await Container.start(this);
  });
  beforeEach(async () => {
    store = await container.open();
  });
  after(() => Container.stop(container));

  it('is put, found, read and deleted, whatever its name is', async () => {
    for (const name of NAMES) {
      const bytes = Buffer.from(`of ${name}`);
      const etag = await store.put(name, bytes, CALL);
      const head = await store.head(name, NEVER);
      assert.deepEqual(await store.get(name, NEVER), { bytes: new Uint8Array(bytes), etag });
      assert.ok(head !== undefined && Math.abs(head.modifiedAt - Date.now()) < 600_000);
      assert.deepEqual({ ...head, modifiedAt: 0 }, { key: name, size: bytes.length, etag, modifiedAt: 0 });
    }
    const found = await all(store.list('', NEVER));
    assert.deepEqual(found.map(({ key }) => key).sort(), [...NAMES].sort());
    for (const object of found) assert.deepEqual(object, await store.head(object.key, NEVER));
    await store.delete(NAMES, NEVER);
    await store.delete(NAMES, NEVER);
    assert.deepEqual(await all(store.list('', NEVER)), []);
  });

  it('is absent before it was put', async () => {
    assert.equal(await store.get('none', NEVER), undefined);
    assert.equal(await store.head('none', NEVER), undefined);
    await store.delete(['none'], NEVER);
    await failsWith(store.readInto('none', { start: 0, end: 1 }, Buffer.alloc(1), NEVER), 'GRIT_IMAGE_PART_MISSING');
    await failsWith(store.readInto('none', { start: 0, end: 0 }, Buffer.alloc(0), NEVER), 'GRIT_IMAGE_PART_MISSING');
  });

  it('is listed page by page, below its prefix only', async () => {
    const keys = Array.from({ length: 11 }, (_, at) => `in/${String(at).padStart(2, '0')}`);
    await Promise.all([...keys, 'inside', 'out/1'].map((key) => store.put(key, Buffer.from(key), CALL)));
    assert.deepEqual(
      (await all(store.list('in/', NEVER))).map(({ key }) => key),
      keys,
    );
    assert.equal((await all(store.list('', NEVER))).length, 13);
    assert.deepEqual(await all(store.list('nothing', NEVER)), []);
  });

  it('is deleted with hundreds of others, of which some are not there', async () => {
    const keys = Array.from({ length: 290 }, (_, at) => `many/${at} é`);
    const there = keys.filter((_, at) => at % 20 === 0);
    await Promise.all(there.map((key) => store.put(key, Buffer.from('x'), CALL)));
    await store.put('other', Buffer.from('x'), CALL);
    await store.delete(keys, NEVER);
    assert.deepEqual(
      (await all(store.list('', NEVER))).map(({ key }) => key),
      ['other'],
    );
  });

  it('is uploaded in one request or in blocks, and read in ranges', async () => {
    for (const size of [0, 1, 64 * KIB, 64 * KIB + 1, 500_000]) {
      const bytes = someBytes(size, size + 1);
      let told = 0;
      const options = { signal: NEVER, onBytes: (count: number) => (told += count) };
      await store.upload('source', sourceOf(bytes), options);
      assert.equal(told, size);
      assert.ok(bytes.equals((await store.get('source', NEVER))!.bytes), `${size} bytes of a source`);
      told = 0;
      assert.equal(await store.uploadStream('stream', inPieces(bytes, 9_999), options), size);
      assert.equal(told, size);
      assert.ok(bytes.equals((await store.get('stream', NEVER))!.bytes), `${size} bytes of a stream`);
      const [start, end] = [Math.floor(size / 3), size];
      const target = Buffer.alloc(end - start);
      await store.readInto('stream', { start, end }, target, NEVER);
      assert.ok(bytes.subarray(start, end).equals(target));
    }
  });

  it('that is shorter than what is read is said to be truncated', async () => {
    await store.put('short', Buffer.alloc(10), CALL);
    for (const [start, end] of [
      [5, 11],
      [10, 11],
      [20, 30],
      [11, 11],
    ] as const) {
      const read = store.readInto('short', { start, end }, Buffer.alloc(end - start), NEVER);
      const { message } = await failsWith(read, 'GRIT_IMAGE_PART_TRUNCATED');
      assert.match(message, /^azure:\/\/gritaccount\/grit-test\/team\/[^ ]+: short /);
    }
  });

  it('is not there when its stream or its source fails', async () => {
    const broken = new Error('the source broke');
    async function* breaking(): AsyncGenerator<Uint8Array, void> {
      yield* inPieces(someBytes(200_000), 50_000);
      throw broken;
    }
    await assert.rejects(store.uploadStream('broken', breaking(), CALL), broken);
    for (const size of [300_000, 1000]) {
      const read: UploadSource['read'] = async function* ({ start, end }) {
        yield someBytes(10);
        if (start > 100_000 || size === 1000) throw broken;
        yield someBytes(end - start - 10);
      };
      await assert.rejects(store.upload('broken', { size, read }, CALL), broken);
    }
    assert.equal(await store.head('broken', NEVER), undefined);
    assert.deepEqual(await all(store.list('', NEVER)), []);
  });

  it('is given up at once by an abort, also while its stream hangs', async () => {
    const cancelled = new AbortController();
    const { promise: asked, resolve } = Promise.withResolvers<undefined>();
    async function* hanging(): AsyncGenerator<Uint8Array, void> {
      yield someBytes(200_000);
      resolve(undefined);
      await new Promise(() => undefined);
    }
    const uploading = store.uploadStream('hung', hanging(), { signal: cancelled.signal });
    const outcome = failsWith(uploading, 'GRIT_ABORTED');
    await asked;
    cancelled.abort();
    await outcome;
    const { signal } = cancelled;
    await failsWith(store.get('hung', signal), 'GRIT_ABORTED');
    await failsWith(all(store.list('', signal)), 'GRIT_ABORTED');
    await failsWith(store.delete(['a', 'b', 'c', 'd'], signal), 'GRIT_ABORTED');
    await failsWith(store.check(signal), 'GRIT_ABORTED');
    assert.equal(await store.head('hung', NEVER), undefined);
  });

  it('that two write at the same time is one of theirs, whole', async () => {
    const two = [someBytes(300_000, 1), someBytes(300_000, 2)];
    await Promise.all(two.map((bytes) => store.upload('both', sourceOf(bytes), CALL)));
    const found = (await store.get('both', NEVER))!;
    assert.ok(two.some((bytes) => bytes.equals(found.bytes)));
  });
});
