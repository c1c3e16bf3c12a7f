// SPDX-License-Identifier: Apache-2.0
import { firstAnswer } from '../first-answer.js';
import type { ObjectStore } from '../object-store.js';
import { proveConditions } from '../prove-conditions.js';
import type { S3Access } from './s3-access.js';

const HINT =
  'Conditional writes are what keeps two writers apart: AWS S3, MinIO, Ceph (from Squid on) and Cloudflare R2 have them.';

/** Shows that the bucket can be listed, written, read and deleted, and that it keeps conditions. */
export async function checkS3(access: S3Access, store: ObjectStore, signal: AbortSignal): Promise<void> {
  const { sdk, client, place, impatience } = access;
  const command = new sdk.ListObjectsV2Command({ Bucket: place.bucket, Prefix: place.prefix, MaxKeys: 1 });
  // Before anything is written: a wrong bucket, region or key is said best to this.
  await firstAnswer(place, signal, (either) =>
    access.control({ what: 'list', signal: either, policy: impatience }, () =>
      client.send(command, { abortSignal: either }),
    ),
  );
  await proveConditions(store, HINT, signal);
}
