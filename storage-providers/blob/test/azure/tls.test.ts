// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { AccessToken } from '@azure/identity';
import { all, failsWith } from '../s3/expect.js';
import { someBytes, sourceOf } from '../s3/some-bytes.js';
import { Container, NEVER } from './container.js';

describe('azure: TLS and identities', function () {
  this.timeout(120_000);
  let container: Container;

  before(async function () {
    container = await Container.start(this, { tls: true });
  });
  after(() => Container.stop(container));

  it('trusts the CA that it was told of', async () => {
    const store = await container.open();
    await store.check(NEVER);
    const bytes = someBytes(200_000);
    await store.upload('a', sourceOf(bytes), { signal: NEVER });
    assert.ok(bytes.equals((await store.get('a', NEVER))!.bytes));
  });

  it('trusts nobody else, and does not try that again', async () => {
    const store = await container.open({ ca: undefined });
    const { hint } = await failsWith(store.check(NEVER), 'GRIT_STORAGE_UNAVAILABLE');
    assert.match(hint, /caFrom/);
  });

  it('gets the token of an identity, and a new one before it ends', async () => {
    const lifetimes = [120_000, 3_600_000];
    let asked = 0;
    const getToken = async (): Promise<AccessToken> => tokenFor(lifetimes[asked++] ?? 0);
    let now = Date.now();
    const options = { credential: { getToken }, now: () => now };
    const store = await container.open({ accountKey: undefined }, options);
    await store.put('a', Buffer.from('a'), { signal: NEVER });
    await Promise.all(['b', 'c', 'd'].map((key) => store.put(key, Buffer.from(key), { signal: NEVER })));
    assert.equal(asked, 1);
    now += 60_000;
    await store.head('a', NEVER);
    await store.check(NEVER);
    assert.equal(asked, 2);
  });

  it('gets another token, once for all, when the one that it has is refused', async () => {
    let asked = 0;
    const getToken = async (): Promise<AccessToken> => tokenFor(3_600_000, asked++ === 0 ? -3600 : 3600);
    const store = await container.open({ accountKey: undefined }, { credential: { getToken } });
    await Promise.all(['e', 'f', 'g'].map((key) => store.head(key, NEVER)));
    assert.equal(asked, 2);
  });

  it('says that there is no identity', async () => {
    const getToken = (): Promise<AccessToken> => Promise.reject(new Error('none is here\nand nowhere else'));
    const store = await container.open({ accountKey: undefined }, { credential: { getToken } });
    const { message, hint } = await failsWith(store.check(NEVER), 'GRIT_STORAGE_DENIED');
    assert.match(message, /no token of an identity: none is here$/);
    assert.match(hint, /clientId/);
  });

  it('deletes in batches with the token of an identity', async () => {
    const getToken = async (): Promise<AccessToken> => tokenFor(3_600_000);
    const store = await container.open({ accountKey: undefined }, { credential: { getToken } });
    const keys = ['a', 'b', 'c', 'd'];
    await Promise.all(keys.map((key) => store.put(key, Buffer.from(key), { signal: NEVER })));
    await store.delete(keys, NEVER);
    assert.deepEqual(await all(store.list('', NEVER)), []);
  });
});

/** As good as any to the emulator, which cannot know who signs them. */
function tokenFor(lifeMs: number, goodForSeconds = 3600): AccessToken {
  const seconds = Math.floor(Date.now() / 1000);
  const claims = {
    aud: 'https://storage.azure.com',
    iss: 'https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/',
    iat: seconds - 7200,
    nbf: seconds - 7200,
    exp: seconds + goodForSeconds,
  };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}.${encode({ of: 'nobody' })}`;
  return { token, expiresOnTimestamp: Date.now() + lifeMs };
}
