// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { GritError } from '@grit/plugin-api';
import type { ObjectStore } from '../object-store.js';
import type { S3Access } from './s3-access.js';

const CLEANUP_MS = 30_000;

/** Shows with an object of its own that the bucket can be listed, written, read and deleted, and that it keeps conditions. */
export async function checkS3(access: S3Access, store: ObjectStore, signal: AbortSignal): Promise<void> {
  const { sdk, client, place } = access;
  // Before anything is written: a wrong bucket, region or key is said best to this.
  await access.control({ what: 'list', signal }, () =>
    client.send(new sdk.ListObjectsV2Command({ Bucket: place.bucket, Prefix: place.prefix, MaxKeys: 1 }), {
      abortSignal: signal,
    }),
  );
  const key = `check/${randomUUID()}`;
  const [first, second, third] = ['first', 'second', 'third'].map((text) => Buffer.from(`${text} ${key}`));
  if (first === undefined || second === undefined || third === undefined) return;
  try {
    const etag = await store.put(key, first, { condition: { absent: true }, signal });
    if (etag === undefined) throw unsuitable(place.label, 'it refuses to write an object only where there is none');
    const again = await store.put(key, second, { condition: { absent: true }, signal });
    if (again !== undefined)
      throw unsuitable(place.label, 'it ignores If-None-Match: two writers would not see each other');
    const next = await store.put(key, second, { condition: { etag }, signal });
    if (next === undefined) throw unsuitable(place.label, 'it refuses If-Match with the ETag that it gave');
    const late = await store.put(key, third, { condition: { etag }, signal });
    if (late !== undefined) throw unsuitable(place.label, 'it ignores If-Match: two writers would not see each other');
    const found = await store.get(key, signal);
    if (found === undefined || !second.equals(found.bytes) || found.etag !== next) {
      throw unsuitable(place.label, 'what was written is not what is read afterwards');
    }
    await store.delete([key], signal);
    if ((await store.get(key, signal)) !== undefined)
      throw unsuitable(place.label, 'what was deleted can still be read');
  } catch (error) {
    await store.delete([key], AbortSignal.timeout(CLEANUP_MS)).catch(() => undefined);
    throw error;
  }
}

function unsuitable(label: string, what: string): GritError {
  return new GritError('GRIT_STORAGE_UNSUITABLE', `${label}: the service cannot be used: ${what}`, {
    hint: 'Conditional writes are what keeps two writers apart: AWS S3, MinIO, Ceph (from Squid on) and Cloudflare R2 have them.',
  });
}
