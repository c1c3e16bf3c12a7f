// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { ByteRange } from '../object-store.js';
import { CHECKSUM, checksumOf } from './checksum.js';
import { MIB } from './part-sizes.js';
import { isRefused, Refused } from './refusal.js';
import type { S3Access } from './s3-access.js';

/** Of an object that is read whole, bytes. */
const LARGEST_SMALL = 80 * MIB;
const ABSENT = ['NoSuchKey', 'NotFound'];

/** Fills the target. Errors: GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED, besides those of every call. */
export async function readRange(
  access: S3Access,
  key: string,
  range: ByteRange,
  target: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { label } = access.place;
  try {
    const { status, received } = await access.exchange(
      { what: `read ${key}`, signal, expected: [...ABSENT, 'InvalidRange'] },
      { method: 'GET', key, headers: { range: rangeHeader(range) }, into: target },
    );
    if (status !== 206 && range.start > 0) {
      throw new GritError('GRIT_STORAGE_UNSUITABLE', `${label}: the service has no ranges of objects`);
    }
    if (received < target.length)
      throw truncated(`${label}: ${key} ends at ${range.start + received}, not at ${range.end}`);
  } catch (error) {
    if (isRefused(error, ...ABSENT)) throw new GritError('GRIT_IMAGE_PART_MISSING', `${label}: ${key} is missing`);
    if (isRefused(error, 'InvalidRange')) throw truncated(`${label}: ${key} ends before ${range.start + 1}`);
    throw error;
  }
}

/** A small object, whole; undefined: absent. */
export async function getWhole(
  access: S3Access,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
  try {
    const { headers, body } = await access.exchange(
      {
        what: `read ${key}`,
        signal,
        expected: ABSENT,
        check: ({ status, headers, body }) => checkChecksum(headers.get(CHECKSUM), body, status),
      },
      { method: 'GET', key, headers: { 'x-amz-checksum-mode': 'ENABLED' }, bodyLimit: LARGEST_SMALL },
    );
    return { bytes: body, etag: headers.get('etag') ?? '' };
  } catch (error) {
    if (isRefused(error, ...ABSENT)) return undefined;
    throw error;
  }
}

/** Only where it is one of the whole object: that of parts has their number behind a dash. */
function checkChecksum(theirs: string | undefined, body: Uint8Array, status: number): void {
  if (theirs === undefined || theirs.includes('-') || theirs === checksumOf(body)) return;
  throw new Refused({ status, code: 'BadDigest', message: `stored ${theirs}, received ${checksumOf(body)}` });
}

function rangeHeader({ start, end }: ByteRange): string {
  return `bytes=${start}-${end - 1}`;
}

function truncated(message: string): GritError {
  return new GritError('GRIT_IMAGE_PART_TRUNCATED', message);
}
