// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3';
import { FaultProxy, s3Answer } from '../../../../test/fixtures/object-stores/fault-proxy.js';
import type { S3Store } from '../../src/s3/s3-store.js';
import { Bucket, IMPATIENT, NEVER, PART, stopAll, type Stoppable } from './bucket.js';
import { all, failsWith } from './expect.js';
import { inPieces, someBytes, sourceOf } from './some-bytes.js';

describe('s3: uploads', function () {
  this.timeout(60_000);
  const large = someBytes(2 * PART + 77);
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
  afterEach(async () => {
    proxy.calm();
    assert.deepEqual(unended(), [], 'uploads were neither completed nor removed');
    proxy.forget();
    // A server that still had a part in hand when its upload was removed may keep that.
    await all(store.abandonedUploads({ graceMs: -3_600_000, signal: NEVER }));
    assert.deepEqual(await bucket.openUploads(), [], 'uploads were left');
  });
  after(() => stopAll(started));

  /** Ids of uploads of which a part was sent, and then nothing more was said. */
  function unended(): string[] {
    const idsOf = (...methods: string[]): string[] =>
      proxy.requests.flatMap(({ method, query }) => (methods.includes(method) ? (query.get('uploadId') ?? []) : []));
    const ended = new Set(idsOf('POST', 'DELETE'));
    return idsOf('PUT').filter((id) => !ended.has(id));
  }

  async function isStored(key: string, bytes: Buffer): Promise<void> {
    const target = new Uint8Array(bytes.length);
    await store.readInto(key, { start: 0, end: bytes.length }, target, NEVER);
    assert.ok(bytes.equals(target), `${key} has other bytes`);
    assert.equal((await store.head(key, NEVER))?.size, bytes.length);
  }

  for (const size of [0, 1, PART - 1, PART, PART + 1, 2 * PART + 77]) {
    it(`of a source and of a stream: ${size} bytes`, async () => {
      const bytes = large.subarray(0, size);
      const told = { source: 0, stream: 0 };
      await store.upload('source', sourceOf(bytes), { signal: NEVER, onBytes: (more) => (told.source += more) });
      await isStored('source', bytes);
      const options = { signal: NEVER, onBytes: (more: number) => void (told.stream += more) };
      assert.equal(await store.uploadStream('stream', inPieces(bytes, 300_000), options), size);
      await isStored('stream', bytes);
      assert.deepEqual(told, { source: size, stream: size });
    });
  }

  it('without checksums too', async () => {
    const plain = await bucket.open({ checksums: false });
    await plain.upload('plain', sourceOf(large), { signal: NEVER });
    await isStored('plain', large);
    assert.equal(await plain.uploadStream('plain-stream', inPieces(large, 1_000_000), { signal: NEVER }), large.length);
    await isStored('plain-stream', large);
  });

  it('of a source go on from what is lost, and tell of each byte once', async () => {
    proxy.when({ method: 'PUT', query: 'partNumber=1' }, { do: 'reset', when: 'up' });
    proxy.when({ method: 'PUT', query: 'partNumber=2' }, { do: 'answer', answer: s3Answer(503, 'SlowDown') });
    proxy.when({ method: 'PUT', query: 'partNumber=3' }, { do: 'reset', when: 'after' });
    let told = 0;
    await proxied.upload('resent', sourceOf(large), { signal: NEVER, onBytes: (more) => (told += more) });
    await isStored('resent', large);
    assert.equal(told, large.length);
  });

  it('that arrive with a wrong bit are sent again', async () => {
    const rule = proxy.when({ method: 'PUT', key: /^flipped/ }, { do: 'flip', where: 'up' });
    await proxied.upload('flipped', sourceOf(large.subarray(0, 10_000)), { signal: NEVER });
    assert.equal(rule.hits, 1);
    await isStored('flipped', large.subarray(0, 10_000));
    const part = proxy.when({ method: 'PUT', query: 'partNumber=2' }, { do: 'flip', where: 'up' });
    await proxied.uploadStream('flipped-stream', inPieces(large, 300_000), { signal: NEVER });
    assert.equal(part.hits, 1);
    await isStored('flipped-stream', large);
  });

  it('know that they ended when the answer was lost', async () => {
    const rule = proxy.when(
      { method: 'POST', key: /^ended$/, where: ({ query }) => query.has('uploadId') },
      { do: 'reset', when: 'after' },
    );
    await proxied.upload('ended', sourceOf(large), { signal: NEVER });
    assert.equal(rule.hits, 1);
    await isStored('ended', large);
  });

  it('leave nothing when the stream fails, and say what it said', async () => {
    let closed = false;
    const failure = new Error('the disk is gone');
    async function* failing(): AsyncGenerator<Uint8Array, void> {
      try {
        yield* inPieces(large, 1_000_000);
        throw failure;
      } finally {
        closed = true;
      }
    }
    await assert.rejects(proxied.uploadStream('failed', failing(), { signal: NEVER }), failure);
    assert.equal(await store.head('failed', NEVER), undefined);
    assert.ok(closed);
  });

  it('leave nothing when the source fails, and say what it said', async () => {
    const failure = new Error('the disk is gone');
    for (const size of [10_000, large.length]) {
      const read = async function* (): AsyncGenerator<Uint8Array, void> {
        yield large.subarray(0, 100);
        throw failure;
      };
      await assert.rejects(proxied.upload('failed', { size, read }, { signal: NEVER }), failure);
      assert.equal(await store.head('failed', NEVER), undefined);
    }
  });

  it('leave nothing when the source is not what it was', async () => {
    for (const size of [10_000, large.length]) {
      const shorter = { size, read: () => inPieces(large.subarray(0, 9_999), 5_000) };
      await failsWith(proxied.upload('failed', shorter, { signal: NEVER }), 'GRIT_STORAGE_IO');
      assert.equal(await store.head('failed', NEVER), undefined);
    }
  });

  it('leave nothing when they are refused, and end the stream', async () => {
    const denied = await bucket.open({ endpoint: proxy.endpoint }, { policy: IMPATIENT });
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array, void> {
      try {
        for (;;) yield* inPieces(large, 1_000_000);
      } finally {
        closed = true;
      }
    }
    const refusal = { do: 'answer', answer: s3Answer(403, 'AccessDenied') } as const;
    proxy.when({ method: 'PUT', query: 'partNumber=2' }, refusal);
    await failsWith(denied.uploadStream('refused', endless(), { signal: NEVER }), 'GRIT_STORAGE_DENIED');
    assert.ok(closed);
    proxy.when({ method: 'PUT', query: 'partNumber=3' }, { do: 'answer', answer: s3Answer(507, 'QuotaExceeded') });
    await failsWith(denied.upload('refused', sourceOf(large), { signal: NEVER }), 'GRIT_STORAGE_FULL');
    assert.equal(await store.head('refused', NEVER), undefined);
  });

  it('leave nothing when they are aborted in the middle', async () => {
    const abort = new AbortController();
    const rule = proxy.when({ method: 'PUT', query: 'partNumber=2' }, { do: 'stall', when: 'up' });
    const upload = proxied.uploadStream('aborted', inPieces(large, 1_000_000), { signal: abort.signal });
    const failed = failsWith(upload, 'GRIT_ABORTED');
    await rule.met;
    abort.abort();
    await failed;
    assert.equal(await store.head('aborted', NEVER), undefined);
  });

  it('of somebody who is gone are found and removed, but for young ones', async () => {
    const begin = async (Key: string): Promise<void> => {
      await bucket.client.send(new CreateMultipartUploadCommand({ Bucket: bucket.server.bucket, Key }));
    };
    const ours = ['four', 'one', 'three', 'two'];
    for (const key of ours) await begin(`team/images/gone/${key}`);
    await begin('team/elsewhere');
    const small = await bucket.open({}, { pageSize: 2 });
    assert.deepEqual(await all(small.abandonedUploads({ graceMs: 3_600_000, signal: NEVER })), []);
    // A clock that is an hour behind ours would still find them.
    const options = { graceMs: -3_600_000, signal: NEVER };
    const would = await all(small.abandonedUploads({ ...options, dryRun: true }));
    assert.deepEqual(
      would.map(({ key }) => key).sort(),
      ours.map((key) => `gone/${key}`),
    );
    assert.equal((await bucket.openUploads()).length, 5);
    const gone = await all(small.abandonedUploads(options));
    assert.deepEqual(
      gone.map(({ key }) => key).sort(),
      ours.map((key) => `gone/${key}`),
    );
    assert.deepEqual(await bucket.openUploads(), ['team/elsewhere']);
    const whole = await bucket.open({ prefix: '' });
    await all(whole.abandonedUploads(options));
  });
});
