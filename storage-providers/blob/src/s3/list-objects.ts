// SPDX-License-Identifier: Apache-2.0
import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { StoredObject } from '../object-store.js';
import type { S3Access } from './s3-access.js';

/** All objects below the prefix of the store whose keys begin with `prefix`, page by page. */
export async function* listObjects(
  access: S3Access,
  prefix: string,
  options: { readonly signal: AbortSignal; readonly pageSize: number },
): AsyncGenerator<StoredObject, void> {
  const { sdk, client, place } = access;
  const { signal, pageSize } = options;
  let next: string | undefined;
  do {
    const token = next;
    const page: ListObjectsV2CommandOutput = await access.control({ what: `list ${prefix}`, signal }, () =>
      client.send(
        new sdk.ListObjectsV2Command({
          Bucket: place.bucket,
          Prefix: access.keyOf(prefix),
          MaxKeys: pageSize,
          // Keys of others may have what XML cannot.
          EncodingType: 'url',
          ...(token !== undefined && { ContinuationToken: token }),
        }),
        { abortSignal: signal },
      ),
    );
    for (const { Key = '', Size: size = 0, LastModified: modified, ETag: etag = '' } of page.Contents ?? []) {
      const whole = page.EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key;
      const key = whole.slice(place.prefix.length);
      // Some tools put an object at the prefix itself.
      if (key !== '') yield { key, size, modifiedAt: modified?.getTime() ?? 0, etag };
    }
    next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (next !== undefined);
}
