// SPDX-License-Identifier: Apache-2.0
import type { StoredObject } from '../object-store.js';
import { isRefused } from '../refused.js';
import type { S3Access } from './s3-access.js';

const ABSENT = ['NoSuchKey', 'NotFound'];
/** What is made of a status alone. */
const WORDLESS = ['NotFound', 'AccessDenied', 'PermanentRedirect', 'HTTP 400', 'HTTP 401'];

/**
 * What the service says of an object; undefined: absent. Refusals of HEAD have no body, so that a bucket that is missing looks like an
 * absent object, and a wrong region like anything: the reason is asked for with a GET of one byte.
 */
export async function headObject(
  access: S3Access,
  key: string,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  const what = `find ${key}`;
  const head = async (expected: readonly string[]): Promise<StoredObject> => {
    const { headers } = await access.exchange({ what, signal, expected }, { method: 'HEAD', key });
    return storedObject(key, headers, headers.get('content-length'));
  };
  try {
    return await head(WORDLESS);
  } catch (error) {
    if (!isRefused(error, ...WORDLESS)) throw error;
  }
  try {
    const { status, headers } = await access.exchange(
      { what, signal, expected: [...ABSENT, 'InvalidRange'] },
      { method: 'GET', key, headers: { range: 'bytes=0-0' } },
    );
    // It may have come between the two, or HEAD alone may be forbidden.
    const size = status === 206 ? headers.get('content-range')?.split('/')[1] : headers.get('content-length');
    return storedObject(key, headers, size);
  } catch (error) {
    if (isRefused(error, ...ABSENT)) return undefined;
    // An empty object has no first byte.
    if (isRefused(error, 'InvalidRange')) return head([]);
    throw error;
  }
}

function storedObject(key: string, headers: ReadonlyMap<string, string>, size: string | undefined): StoredObject {
  const modifiedAt = Date.parse(headers.get('last-modified') ?? '');
  return {
    key,
    size: Number(size ?? 0),
    modifiedAt: Number.isNaN(modifiedAt) ? 0 : modifiedAt,
    etag: headers.get('etag') ?? '',
  };
}
