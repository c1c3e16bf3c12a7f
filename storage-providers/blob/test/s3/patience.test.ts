// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { FaultProxy, s3Answer } from '../../../../test/fixtures/object-stores/fault-proxy.js';
import { firstAnswer } from '../../src/first-answer.js';
import { openS3 } from '../../src/s3/open-s3.js';
import { Bucket, NEVER, stopAll, type Stoppable } from './bucket.js';
import { failsWith } from './expect.js';
import { someBytes } from './some-bytes.js';

const ABSENT = { condition: { absent: true }, signal: NEVER } as const;
/** Nothing is tried again but by the connections themselves. */
const ONCE = { policy: { firstMs: 1, longestMs: 1, totalMs: 0 } };
const LONG_MS = 600_000;

describe('s3: patience', function () {
  this.timeout(120_000);
  const started: Stoppable[] = [];
  let bucket: Bucket;
  let proxy: FaultProxy;

  before(async function () {
    bucket = await Bucket.start(this);
    started.push(bucket);
    proxy = await FaultProxy.start(bucket.server.endpoint, `/${bucket.server.bucket}/team/images/`);
    started.push(proxy);
  });
  afterEach(() => {
    proxy.calm();
    proxy.forget();
  });
  after(() => stopAll(started));

  it('a write that a stale connection had sent twice is known as our own', async () => {
    const store = await bucket.open({ endpoint: proxy.endpoint }, ONCE);
    await store.put('opens', Buffer.from('a connection'), { signal: NEVER });
    proxy.forget();
    proxy.when({ method: 'PUT', key: /^stale$/ }, { do: 'reset', when: 'after' });
    const etag = await store.put('stale', Buffer.from('mine'), ABSENT);
    assert.ok(etag);
    const puts = proxy.requests.filter(({ method }) => method === 'PUT');
    assert.deepEqual(
      puts.map(({ status }) => status),
      [0, 412],
    );
    assert.equal((await store.head('stale', NEVER))?.etag, etag);
    assert.equal(await store.put('stale', Buffer.from('another'), ABSENT), undefined);
  });

  it('a read that hangs is done a second time, long before it is given up', async () => {
    const wire = { firstByteMs: LONG_MS, stallMs: LONG_MS };
    const store = await bucket.open({ endpoint: proxy.endpoint }, { wire });
    const bytes = someBytes(100_000);
    await store.put('slow', bytes, { signal: NEVER });
    const target = Buffer.alloc(bytes.length);
    const read = (): Promise<void> => store.readInto('slow', { start: 0, end: bytes.length }, target, NEVER);
    for (const when of ['before', 'down'] as const) {
      // Until it is known what is slow, and second reads were earned: on a busy machine some of these are done twice themselves.
      do {
        proxy.forget();
        for (let nth = 0; nth < 20; nth++) await read();
      } while (proxy.requests.length > 20);
      const rule = proxy.when({ method: 'GET', key: /^slow$/ }, { do: 'stall', when });
      target.fill(0);
      await read();
      assert.equal(rule.hits, 1);
      assert.ok(bytes.equals(target));
    }
  });

  it('a storm of refusals does not multiply the requests', async () => {
    const CALLS = 40;
    const policy = { firstMs: 1, longestMs: 2, totalMs: 1_000 };
    const store = await bucket.open({ endpoint: proxy.endpoint }, { policy });
    proxy.when({ times: Infinity }, { do: 'answer', answer: s3Answer(503, 'SlowDown') });
    const began = performance.now();
    const one = (nth: number) => failsWith(store.get(`storm-${nth}`, NEVER), 'GRIT_STORAGE_UNAVAILABLE');
    await Promise.all(Array.from({ length: CALLS }, (_, nth) => one(nth)));
    const seconds = (performance.now() - began) / 1000;
    assert.ok(proxy.requests.length > CALLS, 'nothing was tried again');
    assert.ok(proxy.requests.length <= CALLS + 100 + 2 * seconds + 1, `${proxy.requests.length} requests`);
  });

  it('a check has none: who cannot be reached is said by name, after a few tries', async () => {
    const closed = createServer();
    await once(closed.listen(0, '127.0.0.1'), 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    for (const [endpoint, said, hint] of [
      [`http://127.0.0.1:${port}`, /ECONNREFUSED/, /Check the endpoint .*127\.0\.0\.1/],
      ['http://no-such-host.invalid', /no-such-host/, /endpoint/],
    ] as const) {
      // With the patience of every store.
      const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
      const store = await openS3({ bucket: 'grit-test', region: 'us-east-1', endpoint, credentials });
      const error = await failsWith(store.check(NEVER), 'GRIT_STORAGE_UNAVAILABLE');
      assert.match(error.message, said);
      assert.match(error.hint, hint);
    }
  });

  it('nor has it for a service that takes the question and says nothing', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket.resume().on('error', () => undefined)));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    try {
      const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const store = await bucket.open({ endpoint }, { wire: { firstByteMs: LONG_MS } });
      const question = (signal: AbortSignal) => store.get('x', signal);
      const place = { label: store.label, endpoint };
      const error = await failsWith(firstAnswer(place, NEVER, question, 100), 'GRIT_STORAGE_UNAVAILABLE');
      assert.match(error.message, /^s3:.*http:\/\/127\.0\.0\.1:\d+ gave no answer within 1 s$/);
      const mine = AbortSignal.abort();
      await failsWith(firstAnswer(place, mine, question, 100), 'GRIT_ABORTED');
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
});
