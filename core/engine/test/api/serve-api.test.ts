// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { serveApi } from '../../src/api/serve-api.js';
import { TestApi } from './test-api.js';
import { never, stopRequest } from '../catalog/test-catalog.js';

const codeOf = (body: string): unknown => (JSON.parse(body) as { code: unknown }).code;

describe('serveApi', () => {
  let test: TestApi;
  beforeEach(() => void (test = new TestApi()));
  afterEach(() => test.remove());

  it('listens where only the owner gets in, and leaves no socket behind', async () => {
    const server = await test.serve();
    assert.equal(statSync(test.socketPath).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(test.socketPath)).mode & 0o777, 0o700);
    await server.close();
    await server.close();
    assert.equal(existsSync(test.socketPath), false);
    await assert.rejects(test.client.status(never), { code: 'GRIT_SERVER_UNAVAILABLE', retryable: true });
  });

  it('replaces the socket of a dead server, no living one and no file', async () => {
    mkdirSync(dirname(test.socketPath));
    const program = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', program, test.socketPath]);
    assert.ok(statSync(test.socketPath).isSocket());
    await assert.rejects(test.client.status(never), { code: 'GRIT_SERVER_UNAVAILABLE' });
    await test.serve();
    const { platform, agents } = test;
    await assert.rejects(serveApi({ socketPath: test.socketPath, platform, agents }), { code: 'GRIT_SERVER_RUNNING' });
    assert.equal((await test.client.status(never)).pid, process.pid);
    const file = join(test.directory, 'run', 'file');
    writeFileSync(file, 'precious');
    await assert.rejects(serveApi({ socketPath: file, platform, agents }), { code: 'GRIT_CONFIG_INVALID' });
    assert.equal(readFileSync(file, 'utf8'), 'precious');
    const long = join(test.directory, 'x'.repeat(100));
    await assert.rejects(serveApi({ socketPath: long, platform, agents }), { code: 'GRIT_CONFIG_INVALID' });
  });

  it('answers errors with the status of the table', async () => {
    await test.serve();
    const { id } = test.catalog.createOperation(stopRequest({ idempotencyKey: 'k' }));
    const conflict = JSON.stringify(stopRequest({ idempotencyKey: 'k', graceMs: 1 }));
    const cases = [
      ['GET', '/v1/operations/op-none', undefined, 404, 'GRIT_OPERATION_NOT_FOUND'],
      ['GET', '/v1/operations/op-none/watch', undefined, 404, 'GRIT_OPERATION_NOT_FOUND'],
      ['GET', '/v1/workloads/none', undefined, 404, 'GRIT_WORKLOAD_NOT_FOUND'],
      ['GET', '/v1/workloads/..%2Fx', undefined, 400, 'GRIT_REQUEST_INVALID'],
      ['GET', '/v1/workloads/%', undefined, 400, 'GRIT_REQUEST_INVALID'],
      ['GET', '/v1/checkpoints/none', undefined, 404, 'GRIT_CHECKPOINT_NOT_FOUND'],
      ['GET', '/v1/operations?limit=0', undefined, 400, 'GRIT_REQUEST_INVALID'],
      ['GET', '/v1/operations?limit=1e1', undefined, 400, 'GRIT_REQUEST_INVALID'],
      ['GET', '/v1/operations?workload=A', undefined, 400, 'GRIT_REQUEST_INVALID'],
      ['GET', '/v2/status', undefined, 400, 'GRIT_REQUEST_INVALID'],
      ['DELETE', `/v1/operations/${id}`, undefined, 400, 'GRIT_REQUEST_INVALID'],
      ['POST', '/v1/operations', '', 400, 'GRIT_REQUEST_INVALID'],
      ['POST', '/v1/operations', '{', 400, 'GRIT_REQUEST_INVALID'],
      ['POST', '/v1/operations', 'null', 400, 'GRIT_REQUEST_INVALID'],
      ['POST', '/v1/operations', '{"kind":"stop","apiVersion":"grit.dev/v9"}', 400, 'GRIT_REQUEST_VERSION'],
      ['POST', '/v1/operations', conflict, 409, 'GRIT_IDEMPOTENCY_CONFLICT'],
      ['POST', `/v1/operations/${id}/cancel`, '{}', 400, 'GRIT_REQUEST_INVALID'],
      ['POST', '/v1/steps/claim', '{"operation":"o","name":"n","token":"t"}', 412, 'GRIT_STEP_FENCED'],
      ['POST', '/v1/steps/finish', '{"operation":"o","name":"n","token":"t"}', 400, 'GRIT_REQUEST_INVALID'],
      ['POST', '/v1/agents/register', '{"node":"a/b"}', 400, 'GRIT_REQUEST_INVALID'],
    ] as const;
    for (const [method, path, body, status, code] of cases) {
      const answer = await test.raw(method, path, body);
      assert.deepEqual([answer.status, codeOf(answer.body)], [status, code], `${method} ${path}`);
    }
  });

  it('reads no more of a body than it may have', async () => {
    await test.serve();
    const users = await test.raw('POST', '/v1/operations', `"${'x'.repeat(70_000)}"`);
    assert.deepEqual([users.status, codeOf(users.body)], [400, 'GRIT_REQUEST_TOO_LARGE']);
    const agents = await test.raw('POST', '/v1/steps/claim', `"${'x'.repeat(70_000)}"`);
    assert.equal(codeOf(agents.body), 'GRIT_REQUEST_INVALID');
    const socket = connect(test.socketPath);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (data) => (answer += String(data)));
    socket.write('POST /v1/operations HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    // A body without an end: the answer must not wait for it.
    for (let chunk = 0; chunk < 5; chunk += 1) socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`);
    await closed;
    assert.match(answer, /^HTTP\/1.1 400 .*GRIT_REQUEST_TOO_LARGE/s);
    assert.equal((await test.client.status(never)).pid, process.pid);
  });

  it('lets a request under way finish when it ends, and cuts streams', async () => {
    const server = await test.serve();
    const { id } = test.catalog.createOperation(stopRequest());
    const { promise, resolve } = Promise.withResolvers<undefined>();
    test.platform.statusGate = promise;
    const asked = once(test.platform.events, 'asked');
    const status = test.client.status(never);
    await asked;
    const watching = once(test.platform.events, 'watching');
    const left = once(test.platform.events, 'left');
    const stream = test.raw('GET', `/v1/operations/${id}/watch`);
    stream.catch(() => undefined);
    await watching;
    const closed = server.close();
    await left;
    await assert.rejects(stream);
    resolve(undefined);
    assert.equal((await status).pid, process.pid);
    await closed;
  });

  it('does not wait for ever when it ends', async () => {
    const server = await test.serve();
    const asked = once(test.platform.events, 'asked');
    const { promise, resolve } = Promise.withResolvers<undefined>();
    test.platform.statusGate = promise;
    const status = test.client.status(never);
    const rejected = assert.rejects(status, { code: 'GRIT_SERVER_UNAVAILABLE' });
    await asked;
    await server.close();
    await rejected;
    resolve(undefined);
  });

  it('ends by signal', async () => {
    const end = new AbortController();
    await test.serve({ signal: end.signal });
    end.abort();
    await test.server?.close();
    assert.equal(existsSync(test.socketPath), false);
  });

  it('answers a shutdown before it acts on it', async () => {
    const server = await test.serve();
    const ended = once(test.platform.events, 'shutdown').then(() => server.close());
    await test.client.shutdown(never);
    await ended;
  });

  it('sends an empty line when nothing changes', async () => {
    await test.serve({ heartbeatMs: 20 });
    const { id } = test.catalog.createOperation(stopRequest());
    const socket: Socket = connect(test.socketPath);
    socket.write(`GET /v1/operations/${id}/watch HTTP/1.1\r\nhost: x\r\n\r\n`);
    let seen = '';
    for await (const data of socket as AsyncIterable<Buffer>) {
      seen += data.toString('utf8');
      if (seen.endsWith('\r\n1\r\n\n\r\n')) break;
    }
    assert.match(seen, /application\/x-ndjson/);
  });
});
