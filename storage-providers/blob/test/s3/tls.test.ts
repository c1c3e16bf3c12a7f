// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { openS3 } from '../../src/s3/open-s3.js';
import type { S3Store } from '../../src/s3/s3-store.js';
import { Bucket, IMPATIENT, NEVER, PART, stopAll, type Stoppable } from './bucket.js';
import { failsWith } from './expect.js';
import { inPieces, someBytes } from './some-bytes.js';

describe('s3: TLS', function () {
  this.timeout(60_000);
  const started: Stoppable[] = [];
  let bucket: Bucket;
  let store: S3Store;

  before(async function () {
    bucket = await Bucket.start(this, { tls: true });
    started.push(bucket);
    store = await bucket.open();
  });
  after(() => stopAll(started));

  it('with a CA of its own', async () => {
    await store.check(NEVER);
    const bytes = someBytes(PART + 1000);
    await store.uploadStream('x', inPieces(bytes, 1_000_000), { signal: NEVER });
    const target = new Uint8Array(bytes.length);
    await store.readInto('x', { start: 0, end: bytes.length }, target, NEVER);
    assert.ok(bytes.equals(target));
  });

  it('is refused at once where the CA is not known, and the hint says what to set', async () => {
    const { bucket: name, endpoint, accessKeyId, secretAccessKey } = bucket.server;
    const credentials = { accessKeyId, secretAccessKey };
    const untrusting = await openS3({ bucket: name, endpoint, credentials }, { policy: IMPATIENT });
    for (const call of [() => untrusting.check(NEVER), () => untrusting.get('x', NEVER)]) {
      const error = await failsWith(call(), 'GRIT_STORAGE_UNAVAILABLE');
      assert.match(error.hint, /caFrom/);
    }
  });
});
