// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { FaultProxy, s3Answer, type Fault } from '../../fixtures/object-stores/fault-proxy.js';
import { until } from '../../cluster/until.js';
import { randomBytesOf } from '../image-put/corpus.js';

const BODY = randomBytesOf('proxy', 300_000);

/** What the server was given, and says. */
interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

describe('the proxy that does faults', function () {
  this.timeout(60_000);
  const seen: Seen[] = [];
  let server: Server;
  let proxy: FaultProxy;
  let agent: Agent;
  before(async () => {
    server = createServer((incoming, answer) => {
      const serve = async (): Promise<void> => {
        const { method, url, rawHeaders: headers } = incoming;
        const body = await buffer(incoming);
        seen.push({ method, url, host: incoming.headers.host, headers, body });
        if (url?.includes('chunked') === true) {
          answer.write(BODY.subarray(0, 1000));
          answer.end(BODY.subarray(1000));
        } else {
          answer.setHeader('content-length', BODY.length);
          answer.end(BODY);
        }
      };
      serve().catch(() => undefined);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    seen.length = 0;
    proxy = await FaultProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, '/bucket/');
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });
  afterEach(async () => {
    agent.destroy();
    await proxy.stop();
  });

  const ask = async (method: string, path: string, body?: Buffer, headers = {}): Promise<Got> => {
    const { port } = proxy;
    const asked = request({ host: '127.0.7.1', port, method, path, agent, headers });
    // One in the middle of the answer is said twice.
    asked.on('error', () => undefined);
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) };
  };
  const fails = async (asked: Promise<Got>, code: string): Promise<void> => {
    await assert.rejects(asked, (error: NodeJS.ErrnoException) => error.code === code, code);
  };

  it('passes everything on as it is, on one connection, and takes it down', async () => {
    const got = await ask('PUT', '/bucket/a%20b?partNumber=2&uploads', BODY, { 'X-Mixed-Case': 'Yes' });
    assert.ok(got.body.equals(BODY));
    await ask('GET', '/bucket/c');
    const [put, read] = seen;
    assert.ok(put && read?.method === 'GET');
    assert.ok(put.body.equals(BODY));
    assert.equal(put.host, `127.0.7.1:${proxy.port}`);
    assert.equal(put.headers[put.headers.indexOf('X-Mixed-Case') + 1], 'Yes');
    assert.equal(proxy.connections, 1);
    const [first, second] = proxy.requests;
    assert.equal(first?.key, 'a b');
    assert.deepEqual([...first.query.keys()], ['partNumber', 'uploads']);
    assert.deepEqual([first.status, first.sent, first.received], [200, BODY.length, BODY.length]);
    assert.equal(second?.key, 'c');
    assert.equal(proxy.sentBytes({ query: 'partNumber=2' }), BODY.length);
  });

  it('passes on bodies in chunks, heads without body, and what comes before an answer', async () => {
    const chunked = request({ host: '127.0.7.1', port: proxy.port, method: 'PUT', path: '/bucket/chunked', agent });
    chunked.write(BODY.subarray(0, 5));
    chunked.end(BODY.subarray(5));
    const [answer] = (await once(chunked, 'response')) as [IncomingMessage];
    assert.ok((await buffer(answer)).equals(BODY));
    assert.ok(seen[0]?.body.equals(BODY));
    assert.equal((await ask('HEAD', '/bucket/c')).body.length, 0);
    const asked = request({ host: '127.0.7.1', port: proxy.port, method: 'PUT', path: '/bucket/x', agent });
    asked.setHeader('expect', '100-continue');
    asked.setHeader('content-length', BODY.length);
    asked.flushHeaders();
    await once(asked, 'continue');
    asked.end(BODY);
    await once(asked, 'response').then(([got]) => buffer(got as IncomingMessage));
    assert.ok(seen.at(-1)?.body.equals(BODY));
    assert.equal(proxy.connections, 1);
  });

  for (const [when, server] of [
    ['before', 0],
    ['up', 0],
    ['after', 1],
    ['down', 1],
  ] as const) {
    it(`breaks the connection ${when}`, async () => {
      proxy.when({ method: 'PUT', key: /^k$/ }, { do: 'reset', when });
      await ask('PUT', '/bucket/other', BODY);
      await fails(ask('PUT', '/bucket/k', BODY), 'ECONNRESET');
      assert.equal(seen.length, 1 + server);
      const record = proxy.requests.at(-1);
      assert.equal(record?.sent, when === 'before' ? 0 : when === 'up' ? BODY.length / 2 : BODY.length);
      assert.equal(record.received, when === 'down' ? BODY.length / 2 : 0);
      assert.equal((await ask('PUT', '/bucket/k', BODY)).status, 200);
    });
  }

  it('answers itself, also before it has the body', async () => {
    proxy.when({ nth: 2 }, { do: 'answer', answer: s3Answer(503, 'SlowDown', { 'retry-after': '7' }) });
    proxy.when({ nth: 4 }, { do: 'answer', answer: { status: 429 }, early: true });
    assert.equal((await ask('PUT', '/bucket/1', BODY)).status, 200);
    const slow = await ask('PUT', '/bucket/2', BODY);
    assert.deepEqual([slow.status, slow.headers['retry-after']], [503, '7']);
    assert.match(slow.body.toString(), /<Code>SlowDown</);
    assert.equal((await ask('HEAD', '/bucket/3')).status, 200);
    assert.equal(proxy.connections, 1);
    const socket = connect(proxy.port, '127.0.7.1');
    socket.write('PUT /bucket/4 HTTP/1.1\r\ncontent-length: 1000000\r\n\r\n');
    assert.match(await text(socket), /^HTTP\/1.1 429 [^]*connection: close/);
    assert.equal(seen.length, 2);
  });

  it('cuts and changes bodies', async () => {
    const damage = async (fault: Fault, path = '/bucket/k'): Promise<Got> => {
      proxy.calm();
      proxy.when({}, fault);
      return ask('GET', path, undefined);
    };
    await fails(damage({ do: 'cut', how: 'close' }), 'ECONNRESET');
    await fails(damage({ do: 'cut', how: 'close' }, '/bucket/chunked'), 'ECONNRESET');
    const shorter = await damage({ do: 'cut', how: 'shorter', at: 0.1 });
    assert.ok(shorter.body.equals(BODY.subarray(0, BODY.length / 10)));
    const flipped = (await damage({ do: 'flip', where: 'down' })).body;
    assert.equal(flipped.length, BODY.length);
    assert.equal(flipped.readUInt8(BODY.length / 2) ^ BODY.readUInt8(BODY.length / 2), 0x10);
    proxy.calm();
    proxy.when({}, { do: 'flip', where: 'up', at: 1 });
    await ask('PUT', '/bucket/k', BODY);
    const body = seen.at(-1)?.body ?? Buffer.alloc(0);
    assert.ok(body.length === BODY.length && !body.equals(BODY));
    assert.ok(body.subarray(0, -1).equals(BODY.subarray(0, -1)));
    const dated = await damage({ do: 'date', shiftMs: 3_600_000 });
    assert.ok(Date.parse(dated.headers.date ?? '') > Date.now() + 3_000_000);
  });

  it('says when a request is there, stalls, and is away for a while', async () => {
    const keys: string[] = [];
    proxy.when({ nth: 3 }, { do: 'call', when: 'up', call: ({ key }) => keys.push(key) });
    for (const key of ['a', 'b', 'c', 'd']) await ask('PUT', `/bucket/${key}`, BODY);
    assert.deepEqual(keys, ['c']);
    const stalled = proxy.when({ key: /stalls/ }, { do: 'stall', when: 'down' });
    const never = assert.rejects(ask('GET', '/bucket/stalls'));
    await stalled.met;
    assert.equal(proxy.requests.at(-1)?.ended, false);
    await proxy.down();
    await never;
    await fails(ask('GET', '/bucket/k'), 'ECONNREFUSED');
    await proxy.up();
    assert.equal((await ask('GET', '/bucket/k')).status, 200);
  });

  it('counts for each rule on its own', async () => {
    proxy.when({ every: 2, times: 3 }, { do: 'answer', answer: { status: 503 } });
    const statuses: unknown[] = [];
    for (let at = 0; at < 8; at++) statuses.push((await ask('GET', `/bucket/${at}`)).status);
    assert.deepEqual(statuses, [503, 200, 503, 200, 503, 200, 200, 200]);
  });

  it('leaves no socket behind of clients that go away while they are held', async () => {
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
    const before = sockets();
    const held = Promise.withResolvers<undefined>();
    const rule = proxy.when(
      { method: 'PUT', times: Infinity },
      { do: 'call', when: 'before', call: () => held.promise },
    );
    const client = connect(proxy.port, new URL(proxy.endpoint).hostname);
    client.on('error', () => undefined);
    client.end(`PUT /bucket/a HTTP/1.1\r\nHost: h\r\nContent-Length: ${BODY.length}\r\n\r\nonly this`);
    await rule.met;
    held.resolve(undefined);
    await until('all sockets are closed', AbortSignal.timeout(30_000), async () => sockets() <= before);
  });
});
