// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { ErrorCode, GritError } from '@grit/plugin-api';
import { readRefusal } from '../../src/s3/refusal.js';
import { isExpired, isRetryable, s3Error } from '../../src/s3/s3-error.js';
import type { S3Options } from '../../src/s3/s3-options.js';
import type { S3Store } from '../../src/s3/s3-store.js';
import { openS3, type S3Tuning } from '../../src/s3/open-s3.js';
import { Bucket, IMPATIENT, NEVER, stopAll, type Stoppable } from './bucket.js';
import { all, failsWith } from './expect.js';
import { inPieces, someBytes, sourceOf } from './some-bytes.js';

const HOUR_MS = 3_600_000;

describe('s3: what is wrong with a configuration', function () {
  this.timeout(60_000);
  const started: Stoppable[] = [];
  let bucket: Bucket;

  before(async function () {
    bucket = await Bucket.start(this);
    started.push(bucket);
  });
  after(() => stopAll(started));

  const CASES: Readonly<
    Record<string, { change: (bucket: Bucket) => Partial<S3Options>; code: ErrorCode; message: RegExp; hint: RegExp }>
  > = {
    'the secret key': {
      change: ({ server }) => ({ credentials: { accessKeyId: server.accessKeyId, secretAccessKey: 'another' } }),
      code: 'GRIT_STORAGE_DENIED',
      message: /SignatureDoesNotMatch/,
      hint: /secretAccessKeyFrom/,
    },
    'the key id': {
      change: ({ server }) => ({ credentials: { accessKeyId: 'nobody', secretAccessKey: server.secretAccessKey } }),
      code: 'GRIT_STORAGE_DENIED',
      message: /No user exists/,
      hint: /accessKeyIdFrom/,
    },
    'the bucket': {
      change: () => ({ bucket: 'another' }),
      code: 'GRIT_STORAGE_MISSING',
      message: /^s3:\/\/another\/team\/images: .*NoSuchBucket/,
      hint: /correct its name/,
    },
    'the region': {
      change: () => ({ region: 'eu-west-1' }),
      code: 'GRIT_STORAGE_MISSING',
      message: /"eu-west-1" is wrong/,
      hint: /set region: us-east-1\./,
    },
    'the endpoint: nobody listens': {
      change: () => ({ endpoint: 'http://127.0.0.1:9' }),
      code: 'GRIT_STORAGE_UNAVAILABLE',
      message: /ECONNREFUSED/,
      hint: /Check the endpoint/,
    },
    'the endpoint: no TLS there': {
      change: ({ server }) => ({ endpoint: server.endpoint.replace('http:', 'https:') }),
      code: 'GRIT_STORAGE_UNAVAILABLE',
      message: /s3:/,
      hint: /does not speak TLS/,
    },
  };
  for (const [what, { change, code, message, hint }] of Object.entries(CASES)) {
    it(`is said by every call: ${what}`, async () => {
      const store = await bucket.open(change(bucket), { policy: IMPATIENT });
      for (const [name, call] of Object.entries(callsOf(store))) {
        const error = await failsWith(call(), code);
        assert.match(error.message, message, name);
        assert.match(error.hint, hint, name);
      }
    });
  }

  it('may be the clock, and the message says by how much', async () => {
    for (const [shift, said] of [
      [-HOUR_MS, /clock of this machine is 60 min behind$/],
      [25 * HOUR_MS, /clock of this machine is 25 h ahead$/],
    ] as const) {
      const store = await bucket.open({}, { now: () => Date.now() + shift } satisfies S3Tuning);
      const error = await failsWith(store.get('x', NEVER), 'GRIT_STORAGE_DENIED');
      assert.match(error.message, said);
      assert.match(error.hint, /clock/);
    }
  });

  it('no secret is in any message', async () => {
    const secretAccessKey = 'very-secret-0123456789';
    const credentials = { accessKeyId: bucket.server.accessKeyId, secretAccessKey, sessionToken: 'token-secret' };
    const store = await bucket.open({ credentials }, { policy: IMPATIENT });
    for (const call of Object.values(callsOf(store))) {
      const error = await call().then(
        () => assert.fail('it did not fail'),
        (reason: unknown) => reason as GritError,
      );
      const text = JSON.stringify(error);
      assert.ok(!text.includes(secretAccessKey) && !text.includes('token-secret'), text);
    }
  });
});

describe('s3: options', () => {
  const WRONG: Readonly<Record<string, { options: Partial<S3Options>; message: RegExp }>> = {
    'no name of a bucket': { options: { bucket: 'a/b' }, message: /^s3\.bucket: "a\/b"/ },
    'a directory bucket': { options: { bucket: 'b--use1-az4--x-s3' }, message: /^s3\.bucket: directory buckets/ },
    'a prefix that climbs': { options: { prefix: 'a/../b' }, message: /^s3\.prefix/ },
    'a prefix with an empty part': { options: { prefix: 'a//b' }, message: /^s3\.prefix/ },
    'a prefix with control characters': { options: { prefix: 'a\nb' }, message: /^s3\.prefix/ },
    'an endpoint that is no URL': { options: { endpoint: 'localhost:9000' }, message: /^s3\.endpoint/ },
    'keys in the endpoint': { options: { endpoint: 'https://key:secret@host' }, message: /^s3\.endpoint: keys belong/ },
    'empty keys': { options: { credentials: { accessKeyId: '', secretAccessKey: 'x' } }, message: /^s3\.credentials/ },
    'a KMS key without KMS': { options: { kmsKeyId: 'x' }, message: /^s3\.kmsKeyId/ },
  };
  for (const [what, { options, message }] of Object.entries(WRONG)) {
    it(`that cannot be are refused: ${what}`, async () => {
      const error = await failsWith(openS3({ bucket: 'b-1', region: 'eu-1', ...options }), 'GRIT_CONFIG_INVALID');
      assert.match(error.message, message);
    });
  }
});

describe('s3: answers', () => {
  const NOW = Date.parse('2026-01-01T00:00:00Z');
  const action = { label: 's3://b', what: 'read x', now: NOW };
  const none = (): undefined => undefined;
  const xml = (code: string, more = ''): Buffer =>
    Buffer.from(`<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>It is so.</Message>${more}</Error>`);

  const TABLE: readonly (readonly [number, string, ErrorCode, boolean | 'few'])[] = [
    [403, 'AccessDenied', 'GRIT_STORAGE_DENIED', false],
    [403, 'InvalidAccessKeyId', 'GRIT_STORAGE_DENIED', false],
    [403, 'SignatureDoesNotMatch', 'GRIT_STORAGE_DENIED', false],
    [400, 'ExpiredToken', 'GRIT_STORAGE_DENIED', false],
    [403, 'RequestTimeTooSkewed', 'GRIT_STORAGE_DENIED', false],
    [400, 'KMS.DisabledException', 'GRIT_STORAGE_DENIED', false],
    [404, 'NoSuchBucket', 'GRIT_STORAGE_MISSING', false],
    [301, 'PermanentRedirect', 'GRIT_STORAGE_MISSING', false],
    [400, 'AuthorizationHeaderMalformed', 'GRIT_STORAGE_MISSING', false],
    [503, 'SlowDown', 'GRIT_STORAGE_UNAVAILABLE', true],
    [503, 'SomethingNew', 'GRIT_STORAGE_UNAVAILABLE', true],
    [500, 'InternalError', 'GRIT_STORAGE_UNAVAILABLE', true],
    [400, 'RequestTimeout', 'GRIT_STORAGE_UNAVAILABLE', true],
    [429, 'TooManyRequests', 'GRIT_STORAGE_UNAVAILABLE', true],
    [409, 'ConditionalRequestConflict', 'GRIT_STORAGE_UNAVAILABLE', true],
    [400, 'BadDigest', 'GRIT_STORAGE_IO', 'few'],
    [403, 'InvalidObjectState', 'GRIT_STORAGE_UNSUITABLE', false],
    [501, 'NotImplemented', 'GRIT_STORAGE_UNSUITABLE', false],
    [403, 'QuotaExceeded', 'GRIT_STORAGE_FULL', false],
    [400, 'EntityTooLarge', 'GRIT_STORAGE_FULL', false],
    [400, 'InvalidStorageClass', 'GRIT_CONFIG_INVALID', false],
    [400, 'SomethingNew', 'GRIT_STORAGE_IO', false],
  ];
  for (const [status, said, code, retry] of TABLE) {
    it(`${said} is ${code}${retry === false ? '' : ', and is tried again'}`, () => {
      const refusal = readRefusal(status, none, xml(said));
      assert.equal(isRetryable(refusal), retry);
      const error = s3Error(refusal, action);
      assert.equal(error.code, code);
      assert.equal(error.message, `s3://b: read x: It is so (${said}, HTTP ${status})`);
    });
  }

  it('name the right region, wherever it stands', () => {
    const inBody = readRefusal(400, none, xml('AuthorizationHeaderMalformed', '<Region>eu-central-1</Region>'));
    assert.match(s3Error(inBody, action).hint, /set region: eu-central-1\.$/);
    const inHeader = readRefusal(301, (name) => (name === 'x-amz-bucket-region' ? 'ap-1' : undefined));
    assert.match(s3Error(inHeader, action).hint, /The bucket is in ap-1/);
  });

  it('say when to come back, and what the time is', () => {
    const headers: Readonly<Record<string, string>> = { 'retry-after': '7', date: 'Thu, 01 Jan 2026 00:20:00 GMT' };
    const refusal = readRefusal(403, (name) => headers[name], xml('RequestTimeTooSkewed'));
    assert.equal(refusal.retryAfterMs, 7000);
    assert.match(s3Error(refusal, action).message, /20 min behind$/);
  });

  it('without a body are known by their status', () => {
    assert.equal(readRefusal(404, none).code, 'NotFound');
    assert.equal(readRefusal(403, none).code, 'AccessDenied');
    assert.equal(readRefusal(599, none).code, 'HTTP 599');
    assert.equal(isRetryable(readRefusal(502, none, Buffer.from('<html>Bad Gateway</html>'))), true);
  });

  it('may be hostile', () => {
    const long = readRefusal(400, none, xml('X', `<Message>${'y'.repeat(10_000)}</Message>`));
    assert.ok(long.message.length < 400);
    const escaped = Buffer.from(
      '<Error><Code>A&#10;B</Code><Message>&#34;q&quot; &#x41;&lt;&bogus;&#99999999;</Message></Error>',
    );
    const refusal = readRefusal(400, none, escaped);
    assert.equal(refusal.code, 'A B');
    assert.equal(refusal.message, '"q" A<&bogus;&#99999999;');
    for (const body of ['<Error><Code>', '<Code></Code>', '\0\xff', '']) {
      assert.equal(readRefusal(403, none, Buffer.from(body, 'latin1')).code, 'AccessDenied');
    }
  });

  it('of expired credentials are known', () => {
    assert.ok(isExpired(readRefusal(400, none, xml('ExpiredToken'))));
    assert.ok(!isExpired(readRefusal(403, none, xml('AccessDenied'))));
  });
});

function callsOf(store: S3Store): Record<string, () => Promise<unknown>> {
  const bytes = someBytes(100);
  return {
    check: () => store.check(NEVER),
    get: () => store.get('x', NEVER),
    put: () => store.put('x', bytes, { condition: { absent: true }, signal: NEVER }),
    head: () => store.head('x', NEVER),
    readInto: () => store.readInto('x', { start: 0, end: 10 }, new Uint8Array(10), NEVER),
    upload: () => store.upload('x', sourceOf(bytes), { signal: NEVER }),
    uploadStream: () => store.uploadStream('x', inPieces(someBytes(6_000_000), 1_000_000), { signal: NEVER }),
    list: () => all(store.list('', NEVER)),
    delete: () => store.delete(['x'], NEVER),
    abandonedUploads: () => all(store.abandonedUploads({ graceMs: 0, signal: NEVER })),
  };
}
