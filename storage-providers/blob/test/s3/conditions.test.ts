// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { FaultProxy, s3Answer } from '../../../../test/fixtures/object-stores/fault-proxy.js';
import type { S3Store } from '../../src/s3/s3-store.js';
import { Bucket, NEVER, stopAll, type Stoppable } from './bucket.js';
import { failsWith } from './expect.js';

const ABSENT = { condition: { absent: true }, signal: NEVER } as const;

describe('s3: conditions', function () {
  this.timeout(60_000);
  const started: Stoppable[] = [];
  let bucket: Bucket;
  let proxy: FaultProxy;
  let store: S3Store;
  let proxied: S3Store;

  before(async function () {
    bucket = await Bucket.start(this);
    started.push(bucket);
    proxy = await FaultProxy.start(bucket.server.endpoint, `/${bucket.server.bucket}/team/images/`);
    started.push(proxy);
    store = await bucket.open();
    proxied = await bucket.open({ endpoint: proxy.endpoint });
  });
  afterEach(() => proxy.calm());
  after(() => stopAll(started));

  it('keep an object from being made twice, or overwritten unseen', async () => {
    const etag = await store.put('once', Buffer.from('a'), ABSENT);
    assert.ok(etag);
    assert.equal(await store.put('once', Buffer.from('b'), ABSENT), undefined);
    const next = await store.put('once', Buffer.from('c'), { condition: { etag }, signal: NEVER });
    assert.ok(next !== undefined && next !== etag);
    assert.equal(await store.put('once', Buffer.from('d'), { condition: { etag }, signal: NEVER }), undefined);
    assert.equal(Buffer.from((await store.get('once', NEVER))?.bytes ?? []).toString(), 'c');
    await store.delete(['once'], NEVER);
    assert.equal(await store.put('once', Buffer.from('e'), { condition: { etag: next }, signal: NEVER }), undefined);
    assert.equal(await store.get('once', NEVER), undefined);
  });

  it('let exactly one of twenty writers win', async () => {
    for (let round = 0; round < 3; round++) {
      const key = `race-${round}`;
      const texts = Array.from({ length: 20 }, (_, number) => Buffer.from(`writer ${number}`));
      const made = await Promise.all(texts.map((text) => store.put(key, text, ABSENT)));
      assert.equal(made.filter((etag) => etag !== undefined).length, 1);
      const winner = texts[made.findIndex((etag) => etag !== undefined)];
      const { bytes, etag } = (await store.get(key, NEVER))!;
      assert.ok(winner?.equals(bytes));

      const replaced = await Promise.all(
        texts.map((text) => store.put(key, text, { condition: { etag }, signal: NEVER })),
      );
      // Whoever writes the bytes that are there leaves the etag as it is, and the next one may still win.
      const winners = replaced.filter((next) => next !== undefined && next !== etag);
      assert.equal(winners.length, 1);
    }
  });

  it('know their own write whose answer was lost', async () => {
    proxy.when({ method: 'PUT', key: /^lost$/ }, { do: 'reset', when: 'after' });
    const etag = await proxied.put('lost', Buffer.from('mine'), ABSENT);
    assert.ok(etag);
    assert.equal((await store.head('lost', NEVER))?.etag, etag);

    proxy.calm();
    proxy.when({ method: 'PUT', key: /^lost$/ }, { do: 'reset', when: 'after' });
    const next = await proxied.put('lost', Buffer.from('mine again'), { condition: { etag }, signal: NEVER });
    assert.equal((await store.head('lost', NEVER))?.etag, next);
    assert.notEqual(next, etag);
  });

  it('do not take the write of another for their own', async () => {
    proxy.when(
      { method: 'PUT', key: /^taken$/ },
      { do: 'call', when: 'before', call: () => store.put('taken', Buffer.from('theirs'), ABSENT) },
    );
    proxy.when({ method: 'PUT', key: /^taken$/, nth: 2 }, { do: 'reset', when: 'before' });
    assert.equal(await proxied.put('taken', Buffer.from('mine'), ABSENT), undefined);
    proxy.calm();
    proxy.when({ method: 'PUT', key: /^taken$/ }, { do: 'reset', when: 'before' });
    assert.equal(await proxied.put('taken', Buffer.from('mine'), ABSENT), undefined);
    assert.equal(Buffer.from((await store.get('taken', NEVER))?.bytes ?? []).toString(), 'theirs');
  });

  it('are tried again where the service is not sure', async () => {
    proxy.when(
      { method: 'PUT', key: /^unsure$/, times: 2 },
      { do: 'answer', answer: s3Answer(409, 'ConditionalRequestConflict') },
    );
    assert.ok(await proxied.put('unsure', Buffer.from('x'), ABSENT));
  });

  it('that a service ignores make it unsuitable, and the check leaves nothing', async () => {
    // What such a service does: the second write goes through, as the first is no longer there when it comes.
    const gone = {
      do: 'call',
      when: 'before',
      call: ({ key }: { readonly key: string }) => store.delete([key], NEVER),
    } as const;
    proxy.when({ method: 'PUT', key: /^check\//, nth: 2 }, gone);
    const error = await failsWith(proxied.check(NEVER), 'GRIT_STORAGE_UNSUITABLE');
    assert.match(error.message, /ignores If-None-Match/);
    assert.match(error.hint, /Conditional writes/);
    for await (const { key } of store.list('check/', NEVER)) assert.fail(key);
  });
});
