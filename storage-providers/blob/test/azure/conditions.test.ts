// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { azureAnswer, FaultProxy } from '../../../../test/fixtures/object-stores/fault-proxy.js';
import type { AzureStore } from '../../src/azure/azure-store.js';
import type { ObjectStore } from '../../src/object-store.js';
import { proveConditions } from '../../src/prove-conditions.js';
import { all, failsWith } from '../s3/expect.js';
import { someBytes, sourceOf } from '../s3/some-bytes.js';
import { Container, NEVER } from './container.js';

const ABSENT = { condition: { absent: true }, signal: NEVER } as const;
const only = (etag: string) => ({ condition: { etag }, signal: NEVER });

describe('azure: conditions and retries', function () {
  this.timeout(120_000);
  let container: Container;
  let proxy: FaultProxy;
  let store: AzureStore;
  let proxied: AzureStore;

  before(async function () {
    container = await Container.start(this);
    const { endpoint, account, container: name } = container.server;
    const { origin } = new URL(endpoint);
    proxy = await FaultProxy.start(origin, `/${account}/${name}/`);
  });
  beforeEach(async () => {
    proxy.calm();
    proxy.forget();
    const { prefix } = container.options();
    store = await container.open({ prefix });
    proxied = await container.open({ prefix, endpoint: `${proxy.endpoint}/${container.server.account}` });
  });
  after(async () => {
    await (proxy as FaultProxy | undefined)?.stop();
    await Container.stop(container);
  });

  it('keep a blob from being made twice, or overwritten unseen', async () => {
    const etag = await store.put('once', Buffer.from('a'), ABSENT);
    assert.ok(etag);
    assert.equal(await store.put('once', Buffer.from('b'), ABSENT), undefined);
    const next = await store.put('once', Buffer.from('c'), only(etag));
    assert.ok(next !== undefined && next !== etag);
    assert.equal(await store.put('once', Buffer.from('d'), only(etag)), undefined);
    assert.equal(Buffer.from((await store.get('once', NEVER))?.bytes ?? []).toString(), 'c');
    await store.delete(['once'], NEVER);
    assert.equal(await store.put('once', Buffer.from('e'), only(next)), undefined);
    assert.equal(await store.get('once', NEVER), undefined);
  });

  it('let exactly one of twenty writers win', async () => {
    const texts = Array.from({ length: 20 }, (_, number) => Buffer.from(`writer ${number}`));
    const made = await Promise.all(texts.map((text) => store.put('race', text, ABSENT)));
    assert.equal(made.filter((etag) => etag !== undefined).length, 1);
    const first = (await store.get('race', NEVER))!;
    assert.ok(texts[made.findIndex((etag) => etag !== undefined)]?.equals(first.bytes));

    const replaced = await Promise.all(texts.map((text) => store.put('race', text, only(first.etag))));
    assert.equal(replaced.filter((etag) => etag !== undefined).length, 1);
    const second = (await store.get('race', NEVER))!;
    assert.ok(texts[replaced.findIndex((etag) => etag !== undefined)]?.equals(second.bytes));
  });

  it('know a write of their own whose answer was lost', async () => {
    const lose = (): unknown => proxy.when({ method: 'PUT', key: /own$/ }, { do: 'reset', when: 'after' });
    lose();
    const etag = await proxied.put('own', Buffer.from('a'), ABSENT);
    assert.ok(etag);
    assert.equal((await store.head('own', NEVER))?.etag, etag);
    lose();
    const next = await proxied.put('own', Buffer.from('b'), only(etag));
    assert.ok(next !== undefined && next !== etag);
    assert.equal((await store.head('own', NEVER))?.etag, next);
    assert.equal(proxy.requests.filter(({ method }) => method === 'PUT').length, 4);
  });

  it('do not take the write of somebody else for their own', async () => {
    const etag = (await store.put('theirs', Buffer.from('a'), ABSENT))!;
    const takes = (): Promise<unknown> => store.put('theirs', Buffer.from('b'), only(etag));
    proxy.when({ method: 'PUT' }, { do: 'call', when: 'before', call: takes });
    proxy.when({ method: 'PUT', nth: 2 }, { do: 'answer', answer: azureAnswer(500, 'InternalError') });
    assert.equal(await proxied.put('theirs', Buffer.from('c'), only(etag)), undefined);
    assert.equal(Buffer.from((await store.get('theirs', NEVER))!.bytes).toString(), 'b');
  });

  it('keep a blob that was replaced from being deleted', async () => {
    const etag = (await store.put('gone', Buffer.from('a'), ABSENT))!;
    const next = (await store.put('gone', Buffer.from('b'), only(etag)))!;
    assert.equal(await store.deleteIf('gone', etag, NEVER), false);
    proxy.when({ method: 'DELETE' }, { do: 'reset', when: 'after' });
    assert.equal(await proxied.deleteIf('gone', next, NEVER), true);
    assert.equal(await store.head('gone', NEVER), undefined);
    assert.equal(await store.deleteIf('gone', next, NEVER), false);
  });

  it('are tried out by the check, which leaves nothing', async () => {
    await store.check(NEVER);
    assert.deepEqual(await all(store.list('', NEVER)), []);
  });

  it('that are not kept make the service unsuitable', async () => {
    const careless: ObjectStore = Object.assign(Object.create(store) as ObjectStore, {
      put: (key: string, bytes: Uint8Array) => store.put(key, bytes, { signal: NEVER }),
      get: (key: string) => store.get(key, NEVER),
      delete: (keys: readonly string[]) => store.delete(keys, NEVER),
    });
    const { message, hint } = await failsWith(proveConditions(careless, 'Another.', NEVER), 'GRIT_STORAGE_UNSUITABLE');
    assert.match(message, /ignores If-None-Match/);
    assert.equal(hint, 'Another.');
    assert.deepEqual(await all(store.list('', NEVER)), []);
  });

  it('of the network are outlasted: lost connections, a service that is busy, blocks that were cut off', async () => {
    const bytes = someBytes(300_000);
    proxy.when({ method: 'PUT', query: 'comp=block', nth: 2, times: 2 }, { do: 'reset', when: 'up' });
    proxy.when(
      { method: 'PUT', query: 'comp=block', nth: 5 },
      { do: 'answer', answer: azureAnswer(503, 'ServerBusy') },
    );
    proxy.when({ method: 'PUT', query: 'comp=blocklist' }, { do: 'reset', when: 'after' });
    let told = 0;
    await proxied.upload('up', sourceOf(bytes), { signal: NEVER, onBytes: (count) => (told += count) });
    assert.equal(told, bytes.length);
    assert.ok(bytes.equals((await store.get('up', NEVER))!.bytes));

    proxy.when({ method: 'GET', key: /up$/ }, { do: 'reset', when: 'down' });
    proxy.when({ method: 'GET', key: /up$/, nth: 2 }, { do: 'answer', answer: azureAnswer(500, 'OperationTimedOut') });
    const target = Buffer.alloc(bytes.length);
    await proxied.readInto('up', { start: 0, end: bytes.length }, target, NEVER);
    assert.ok(bytes.equals(target));

    proxy.when({ query: 'comp=list' }, { do: 'answer', answer: azureAnswer(503, 'ServerBusy') });
    assert.deepEqual(
      (await all(proxied.list('', NEVER))).map(({ key }) => key),
      ['up'],
    );
    proxy.when({ method: 'POST' }, { do: 'reset', when: 'after' });
    await proxied.delete(['up', 'x', 'y'], NEVER);
    assert.deepEqual(await all(store.list('', NEVER)), []);
  });

  it('of one read that hangs are not waited for: it is done a second time', async () => {
    const { prefix } = container.options();
    const endpoint = `${proxy.endpoint}/${container.server.account}`;
    const long = await container.open({ prefix, endpoint }, { wire: { firstByteMs: 600_000, stallMs: 600_000 } });
    const bytes = someBytes(100_000);
    await long.put('slow', bytes, { signal: NEVER });
    const target = Buffer.alloc(bytes.length);
    const read = (): Promise<void> => long.readInto('slow', { start: 0, end: bytes.length }, target, NEVER);
    // Until it is known what is slow, and a second read was earned: on a busy machine some of these are done twice themselves.
    do {
      proxy.forget();
      for (let nth = 0; nth < 20; nth++) await read();
    } while (proxy.requests.length > 20);
    const rule = proxy.when({ method: 'GET', key: /slow$/ }, { do: 'stall', when: 'down' });
    target.fill(0);
    await read();
    assert.equal(rule.hits, 1);
    assert.ok(bytes.equals(target));
  });

  it('that a batch is refused does not matter: they are deleted one by one', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.put(key, Buffer.from(key), { signal: NEVER })));
    proxy.when({ method: 'POST', times: 9 }, { do: 'answer', answer: azureAnswer(403, 'AuthorizationFailure') });
    await proxied.delete(['a', 'b', 'c'], NEVER);
    await proxied.delete(['b', 'c', 'd'], NEVER);
    assert.deepEqual(await all(store.list('', NEVER)), []);
    assert.equal(proxy.requests.filter(({ method }) => method === 'POST').length, 1);
  });
});
