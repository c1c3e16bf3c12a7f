// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultProxy, s3Answer } from '../../../../test/fixtures/object-stores/fault-proxy.js';
import { openS3 } from '../../src/s3/open-s3.js';
import { Bucket, IMPATIENT, NEVER, stopAll, type Stoppable } from './bucket.js';
import { all, failsWith } from './expect.js';

const OURS = /^AWS_/;

describe('s3: credentials', function () {
  this.timeout(60_000);
  const started: Stoppable[] = [];
  let bucket: Bucket;
  let proxy: FaultProxy;
  let home: string;
  let outside: Record<string, string | undefined>;

  before(async function () {
    bucket = await Bucket.start(this);
    started.push(bucket);
    proxy = await FaultProxy.start(bucket.server.endpoint, `/${bucket.server.bucket}/`);
    started.push(proxy);
  });
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-s3-home-'));
    outside = Object.fromEntries(Object.entries(process.env).filter(([name]) => OURS.test(name)));
    for (const name of Object.keys(outside)) Reflect.deleteProperty(process.env, name);
    // Nobody asks the machine that this runs on.
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: join(home, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    });
  });
  afterEach(async () => {
    proxy.calm();
    for (const name of Object.keys(process.env).filter((each) => OURS.test(each)))
      Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, outside);
    await rm(home, { recursive: true });
  });
  after(() => stopAll(started));

  /** Without keys of its own. */
  const open = (endpoint = bucket.server.endpoint) =>
    openS3({ bucket: bucket.server.bucket, endpoint, prefix: 'chain' }, { policy: IMPATIENT });

  it('are those of the environment, and so is the region', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = bucket.server.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = bucket.server.secretAccessKey;
    await (await open()).check(NEVER);
    process.env['AWS_REGION'] = 'eu-west-3';
    await failsWith((await open()).check(NEVER), 'GRIT_STORAGE_MISSING');
  });

  it('are those of a profile, with its endpoint', async () => {
    const { accessKeyId, secretAccessKey, endpoint } = bucket.server;
    await writeFile(
      join(home, 'config'),
      `[profile grit]\nregion = us-east-1\nendpoint_url = ${endpoint}\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
    process.env['AWS_PROFILE'] = 'grit';
    const store = await openS3(
      { bucket: bucket.server.bucket, forcePathStyle: true, prefix: 'profile' },
      { policy: IMPATIENT },
    );
    await store.check(NEVER);
    await store.put('x', Buffer.from('x'), { signal: NEVER });
    assert.ok(await store.head('x', NEVER));
  });

  it('that are nowhere are missed, with what can be done', async () => {
    const store = await open();
    const calls = [
      () => store.get('x', NEVER),
      () => store.put('x', Buffer.from('x'), { signal: NEVER }),
      () => store.check(NEVER),
    ];
    for (const call of calls) {
      const error = await failsWith(call(), 'GRIT_STORAGE_DENIED');
      assert.match(error.message, /there are no credentials/);
      assert.match(error.hint, /AWS_ACCESS_KEY_ID/);
    }
  });

  it('a region that is nowhere is missed where there is no endpoint', async () => {
    const error = await failsWith(openS3({ bucket: 'b-1' }), 'GRIT_CONFIG_INVALID');
    assert.match(error.message, /^s3\.region/);
  });

  it('that have expired in the middle are had anew, once', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'expired';
    process.env['AWS_SECRET_ACCESS_KEY'] = bucket.server.secretAccessKey;
    const store = await open(proxy.endpoint);
    const expired = { do: 'answer', answer: s3Answer(400, 'ExpiredToken') } as const;
    // The service knows only the new ones; the old ones it calls expired.
    const old = proxy.when(
      { where: ({ headers }) => headers.get('authorization')?.includes('expired') === true, times: Infinity },
      expired,
    );
    await failsWith(store.get('x', NEVER), 'GRIT_STORAGE_DENIED');
    assert.equal(old.hits, 2);
    process.env['AWS_ACCESS_KEY_ID'] = bucket.server.accessKeyId;
    assert.equal(await store.get('x', NEVER), undefined);
    assert.equal(old.hits, 3);
    assert.deepEqual(await all(store.list('', NEVER)), []);
    assert.equal(old.hits, 3);
  });

  it('that have expired are had anew by the calls of the SDK as well', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'expired';
    process.env['AWS_SECRET_ACCESS_KEY'] = bucket.server.secretAccessKey;
    const store = await open(proxy.endpoint);
    const expired = { do: 'answer', answer: s3Answer(400, 'ExpiredToken') } as const;
    const isOld = ({ headers }: { headers: ReadonlyMap<string, string> }) =>
      headers.get('authorization')?.includes('expired') === true;
    const old = proxy.when({ where: isOld, times: Infinity }, expired);
    await failsWith(all(store.list('', NEVER)), 'GRIT_STORAGE_DENIED');
    process.env['AWS_ACCESS_KEY_ID'] = bucket.server.accessKeyId;
    assert.deepEqual(await all(store.list('', NEVER)), []);
    assert.equal(old.hits, 3);
  });
});
