// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectLegalHoldCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { isGritError, type Garbage, type StorageProvider } from '@grit/plugin-api';
import { FaultProxy, s3Answer, type ProxiedRequest } from '../../fixtures/object-stores/fault-proxy.js';
import { signal } from '../image-put/stored-image.js';
import { startVersitygw, type Versitygw } from '../../fixtures/object-stores/versitygw.js';
import { openPlace } from './open-place.js';
import { IMAGE } from './operations.js';
import { idsOf, isRaw, storeRaw } from './raw-image.js';
import { startS3Service, type S3Service } from './s3-service.js';

const MINUTE = 60_000;

describe('object stores: S3 buckets that keep what is deleted, and clocks that are wrong', function () {
  this.timeout(120_000);
  let service: S3Service;
  let client: S3Service['client'];
  before(async function () {
    service = await startS3Service(this);
    ({ client } = service);
  });
  // Skipped: there is none.
  after(() => (service as S3Service | undefined)?.stop());

  const collect = async (storage: StorageProvider): Promise<Garbage[]> => {
    const found: Garbage[] = [];
    await storage.collect?.({ signal, graceMs: 0, onGarbage: (garbage) => found.push(garbage) });
    return found;
  };

  it('a bucket with versions is a store, and where an id cannot be used again that is said at once', async () => {
    const versioned = await startVersitygw({ versioning: true });
    try {
      await keepsVersions(versioned);
    } finally {
      await versioned.stop();
    }
  });

  const keepsVersions = async ({
    bucket,
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
  }: Versitygw): Promise<void> => {
    const credentials = { accessKeyId, secretAccessKey };
    const admin = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await admin.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    admin.destroy();
    const storage = openPlace({ s3: { bucket, region, endpoint, credentials }, patience: 'patient' });
    await storage.check(signal);
    await storeRaw(storage, 'c-1', IMAGE);
    await isRaw(storage, 'c-1', IMAGE);
    await storage.delete('c-1', signal);
    assert.deepEqual(await idsOf(storage), []);
    await storeRaw(storage, 'c-2', IMAGE);
    await isRaw(storage, 'c-2', IMAGE);
    // This server takes the mark of a delete for an object that is there; others do not.
    const again = storage.begin('c-1', signal);
    await assert.rejects(again, (error) => isGritError(error) && error.code === 'GRIT_STORAGE_UNSUITABLE');
  };

  it('of a bucket with locked objects the collector removes what it can, and says what it cannot', async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
    const storage = service.provider({ endpoint: service.endpoint, prefix: 'store/', bucket: 'locked' });
    for (const id of ['c-1', 'c-2']) await storeRaw(storage, id, IMAGE);
    const keys = async (): Promise<string[]> =>
      (await service.objects({ prefix: 'store/', bucket: 'locked' }))
        // The mark of a delete is an empty file.
        .filter(({ size }) => size > 0)
        .map(({ key }) => key);
    const held = (await keys()).filter((key) => key.startsWith('objects/c-1/') && key.endsWith('rows'));
    assert.equal(held.length, 1, held.join());
    const Key = `store/${held[0] ?? ''}`;
    const hold = (Status: 'ON' | 'OFF'): Promise<unknown> =>
      client.send(new PutObjectLegalHoldCommand({ Bucket: 'locked', Key, LegalHold: { Status } }));
    await hold('ON');
    for (const id of ['c-1', 'c-2']) await storage.delete(id, signal);
    let refused: unknown;
    for (let run = 0; run < 3; run++) await collect(storage).catch((error: unknown) => (refused = error));
    if (refused !== undefined) assert.ok(isGritError(refused) && refused.code === 'GRIT_STORAGE_DENIED');
    const left = (await keys()).filter((key) => key.startsWith('objects/'));
    // In a bucket with versions a delete only hides what is locked.
    assert.deepEqual(
      left.filter((key) => key !== held[0]),
      [],
    );
    await hold('OFF').catch(() => undefined);
    await collect(storage);
  });

  it('a clock that is wrong is named', async () => {
    const proxy = await FaultProxy.start(service.endpoint, service.root);
    try {
      const storage = service.provider({ endpoint: proxy.endpoint, prefix: 'clock/' });
      const ahead = new Date(Date.now() + 60 * MINUTE).toUTCString();
      const skewed = s3Answer(403, 'RequestTimeTooSkewed', { date: ahead });
      const signed = ({ headers }: ProxiedRequest): boolean => headers.has('authorization');
      proxy.when({ where: signed, times: Infinity }, { do: 'answer', answer: skewed });
      await assert.rejects(
        () => storage.begin('c-1', signal),
        (error) =>
          isGritError(error) && error.code === 'GRIT_STORAGE_DENIED' && /clock/i.test(error.message + error.hint),
      );
    } finally {
      await proxy.stop();
    }
  });
});
