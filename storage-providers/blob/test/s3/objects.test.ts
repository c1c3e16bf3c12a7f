// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Store } from '../../src/s3/s3-store.js';
import { Bucket, NEVER, stopAll, type Stoppable } from './bucket.js';
import { all, failsWith } from './expect.js';
import { someBytes } from './some-bytes.js';

describe('s3: objects', function () {
  this.timeout(60_000);
  const started: Stoppable[] = [];
  let bucket: Bucket;
  let store: S3Store;

  before(async function () {
    bucket = await Bucket.start(this);
    started.push(bucket);
    store = await bucket.open({}, { pageSize: 7 });
  });
  after(() => stopAll(started));

  it('are read as they were written, under names with any letters', async () => {
    for (const key of ['plain', 'a b/ü+c%20', "quote'(1)*!~", 'objects/c-1/t/packs/0001']) {
      const bytes = someBytes(1000);
      const etag = await store.put(key, bytes, { signal: NEVER });
      const found = await store.get(key, NEVER);
      assert.deepEqual(found, { bytes: new Uint8Array(bytes), etag });
      const stored = await store.head(key, NEVER);
      assert.equal(stored?.size, 1000);
      assert.equal(stored.etag, etag);
      assert.ok(Math.abs(stored.modifiedAt - Date.now()) < 600_000);
      await store.delete([key], NEVER);
      assert.equal(await store.get(key, NEVER), undefined);
    }
  });

  it('may be empty, and larger than what an answer has room for', async () => {
    for (const size of [0, 1, 1024 * 1024 + 1, 9_000_000]) {
      const bytes = someBytes(size);
      await store.put('sized', bytes, { signal: NEVER });
      const found = await store.get('sized', NEVER);
      assert.ok(bytes.equals(found?.bytes ?? Buffer.from('absent')), `${size} bytes`);
    }
  });

  it('that are absent are undefined, or a missing part', async () => {
    assert.equal(await store.get('absent', NEVER), undefined);
    assert.equal(await store.head('absent', NEVER), undefined);
    const missing = store.readInto('absent', { start: 0, end: 10 }, new Uint8Array(10), NEVER);
    await failsWith(missing, 'GRIT_IMAGE_PART_MISSING');
    await failsWith(store.readInto('absent', { start: 0, end: 0 }, new Uint8Array(), NEVER), 'GRIT_IMAGE_PART_MISSING');
  });

  it('are read in ranges, and an end that is not there is found', async () => {
    const bytes = someBytes(100_000);
    await store.put('ranges', bytes, { signal: NEVER });
    for (const [start, end] of [
      [0, 1],
      [0, 100_000],
      [99_999, 100_000],
      [500, 600],
      [100_000, 100_000],
    ] as const) {
      const target = new Uint8Array(end - start);
      await store.readInto('ranges', { start, end }, target, NEVER);
      assert.ok(bytes.subarray(start, end).equals(target), `${start}-${end}`);
    }
    for (const [start, end] of [
      [99_999, 100_001],
      [100_000, 100_001],
      [0, 100_001],
      [1_000_000, 1_000_010],
      [100_001, 100_001],
    ] as const) {
      const target = new Uint8Array(end - start);
      await failsWith(store.readInto('ranges', { start, end }, target, NEVER), 'GRIT_IMAGE_PART_TRUNCATED');
    }
  });

  it('are listed page by page, only those below the prefix of the store', async () => {
    const keys = Array.from({ length: 300 }, (_, number) => `listed/${String(number).padStart(3, '0')}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, Buffer.from(key), { signal: NEVER })));
    }
    const elsewhere = { Bucket: bucket.server.bucket, Key: 'team/other', Body: 'x' };
    await bucket.client.send(new PutObjectCommand(elsewhere));
    const found = await all(store.list('listed/', NEVER));
    assert.deepEqual(found.map(({ key }) => key).sort(), keys);
    assert.ok(found.every(({ key, size, etag }) => size === key.length && etag !== ''));
    assert.equal((await all(store.list('listed/29', NEVER))).length, 10);
    assert.deepEqual(await all(store.list('nothing/', NEVER)), []);
    assert.ok((await all(store.list('', NEVER))).every(({ key }) => !key.includes('other')));

    await store.delete([...keys, 'listed/absent'], NEVER);
    assert.deepEqual(await all(store.list('listed/', NEVER)), []);
    await store.delete([], NEVER);
  });

  it('are those of the whole bucket where there is no prefix', async () => {
    const whole = await bucket.open({ prefix: '' });
    await store.put('seen', Buffer.from('x'), { signal: NEVER });
    const keys = (await all(whole.list('team/', NEVER))).map(({ key }) => key);
    assert.ok(keys.includes('team/images/seen'), keys.join());
    assert.equal(whole.label, `s3://${bucket.server.bucket}`);
    assert.equal(store.label, `s3://${bucket.server.bucket}/team/images`);
  });

  it('the check leaves nothing', async () => {
    await store.check(NEVER);
    assert.deepEqual(await all(store.list('check/', NEVER)), []);
  });

  it('an abort ends a call', async () => {
    const aborted = AbortSignal.abort();
    await failsWith(store.get('x', aborted), 'GRIT_ABORTED');
    await failsWith(store.head('x', aborted), 'GRIT_ABORTED');
    await failsWith(all(store.list('', aborted)), 'GRIT_ABORTED');
  });
});
