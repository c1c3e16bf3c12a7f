// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { azureAnswer, FaultProxy } from '../../../../test/fixtures/object-stores/fault-proxy.js';
import { openAzure } from '../../src/azure/open-azure.js';
import { all, failsWith } from '../s3/expect.js';
import { Container, NEVER } from './container.js';

const QUICK = { policy: { firstMs: 1, longestMs: 5, totalMs: 300 } };
const CALL = { signal: NEVER };
const HOUR = 3_600_000;

describe('azure: what goes wrong', function () {
  this.timeout(120_000);
  let container: Container;
  let home: string;

  before(async function () {
    container = await Container.start(this);
    home = await mkdtemp(join(tmpdir(), 'grit-azure-'));
  });
  after(async () => {
    await Container.stop(container);
    if ((home as string | undefined) !== undefined) await rm(home, { recursive: true });
  });

  it('a wrong key is refused, and says what to correct', async () => {
    const store = await container.open({ accountKey: Buffer.alloc(64, 7).toString('base64') });
    const error = await failsWith(store.check(NEVER), 'GRIT_STORAGE_DENIED');
    assert.match(
      error.message,
      /^azure:\/\/gritaccount\/grit-test\/team\/.*(AuthorizationFailure|AuthenticationFailed)/,
    );
    assert.match(error.hint, /accountKeyFrom|firewall/);
    await failsWith(store.put('a', Buffer.from('a'), CALL), 'GRIT_STORAGE_DENIED');
  });

  it('a container that does not exist is missing', async () => {
    const store = await container.open({ container: 'not-there' });
    const { message, hint } = await failsWith(store.check(NEVER), 'GRIT_STORAGE_MISSING');
    assert.match(message, /ContainerNotFound, HTTP 404/);
    assert.match(hint, /container create/);
    await failsWith(store.put('a', Buffer.from('a'), CALL), 'GRIT_STORAGE_MISSING');
    await failsWith(store.get('a', NEVER), 'GRIT_STORAGE_MISSING');
    await failsWith(store.head('a', NEVER), 'GRIT_STORAGE_MISSING');
  });

  it('an endpoint where nobody listens is unavailable', async () => {
    const closed = createServer();
    await once(closed.listen(0, '127.0.0.1'), 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const store = await container.open({ endpoint: `http://127.0.0.1:${port}/gritaccount` }, QUICK);
    const { retryable } = await failsWith(store.check(NEVER), 'GRIT_STORAGE_UNAVAILABLE');
    assert.ok(retryable);
  });

  it('a check has little patience, and says who does not answer', async () => {
    // With the patience of every store.
    const endpoint = 'http://no-such-host.invalid/gritaccount';
    const store = await openAzure(container.options({ endpoint }));
    const { message, hint } = await failsWith(store.check(NEVER), 'GRIT_STORAGE_UNAVAILABLE');
    assert.match(message, /no-such-host\.invalid/);
    assert.match(hint, /endpoint/);
  });

  it('an endpoint where something else answers is said to be wrong', async () => {
    const other = createHttpServer((_, answer) => void answer.writeHead(404).end('no such page'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
    try {
      const endpoint = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      const store = await container.open({ endpoint }, QUICK);
      const { hint } = await failsWith(store.check(NEVER), 'GRIT_STORAGE_MISSING');
      assert.match(hint, /no Azure Blob service/);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it('a SAS does as well as a key', async () => {
    const store = await container.open({ accountKey: undefined, sas: `?${container.sas()}` });
    await store.check(NEVER);
    const keys = ['a b', 'b', 'c', 'd'];
    await Promise.all(keys.map((key) => store.put(key, Buffer.from(key), CALL)));
    await store.delete(keys, NEVER);
    assert.deepEqual(await all(store.list('', NEVER)), []);
  });

  it('a SAS that has ended says when', async () => {
    const store = await container.open({ accountKey: undefined, sas: container.sas({ endsIn: -HOUR }) });
    const { message } = await failsWith(store.check(NEVER), 'GRIT_STORAGE_DENIED');
    assert.match(message, /the SAS ended at \d{4}-\d\d-\d\dT/);
    assert.doesNotMatch(message, /sig=/);
  });

  it('a SAS that may not write is refused', async () => {
    const store = await container.open({ accountKey: undefined, sas: container.sas({ permissions: 'rl' }) });
    const { message, hint } = await failsWith(store.check(NEVER), 'GRIT_STORAGE_DENIED');
    assert.match(message, /AuthorizationPermissionMismatch/);
    assert.match(hint, /racwdl/);
  });

  it('a SAS from a file is read anew when it has ended', async () => {
    const sasFile = join(home, 'sas');
    await writeFile(sasFile, `${container.sas({ endsIn: HOUR })}\n`);
    let now = Date.now();
    const store = await container.open({ accountKey: undefined, sasFile }, { now: () => now });
    await store.put('a', Buffer.from('a'), CALL);
    // One that ended without notice: the clock of this machine does not show it.
    await writeFile(sasFile, container.sas({ endsIn: -HOUR }));
    const ended = await container.open({ accountKey: undefined, sasFile }, { now: () => now - 3 * HOUR });
    await failsWith(ended.get('a', NEVER), 'GRIT_STORAGE_DENIED');
    await writeFile(sasFile, container.sas());
    await ended.head('a', NEVER);
    // And one that will end soon.
    now += HOUR - 60_000;
    await rm(sasFile);
    await store.head('a', NEVER);
    await failsWith((await container.open({ accountKey: undefined, sasFile })).check(NEVER), 'GRIT_SECRET_UNREADABLE');
  });

  it('a service that stays busy is unavailable in the end, and is given the time that it asks for', async () => {
    const { endpoint, account, container: name } = container.server;
    const proxy = await FaultProxy.start(new URL(endpoint).origin, `/${account}/${name}/`);
    try {
      const store = await container.open({ endpoint: `${proxy.endpoint}/${account}` }, QUICK);
      const busy = (headers: Record<string, string> = {}): unknown =>
        proxy.when({ times: 999 }, { do: 'answer', answer: azureAnswer(503, 'ServerBusy', headers) });
      busy();
      const { message, retryable } = await failsWith(store.head('a', NEVER), 'GRIT_STORAGE_UNAVAILABLE');
      assert.match(message, /ServerBusy, HTTP 503/);
      assert.ok(retryable);
      assert.ok(proxy.requests.length > 1);
      proxy.calm();
      proxy.forget();
      // Longer than anybody has patience for.
      busy({ 'retry-after': '60' });
      await failsWith(store.put('a', Buffer.from('a'), CALL), 'GRIT_STORAGE_UNAVAILABLE');
      assert.equal(proxy.requests.length, 1);
      proxy.calm();
      proxy.when({ times: 1 }, { do: 'answer', answer: azureAnswer(403, 'AuthenticationFailed') });
      await failsWith(store.head('a', NEVER), 'GRIT_STORAGE_DENIED');
    } finally {
      await proxy.stop();
    }
  });
});
