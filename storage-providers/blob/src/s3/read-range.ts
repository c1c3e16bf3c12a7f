// SPDX-License-Identifier: Apache-2.0
import type { ByteRange } from '../object-store.js';
import { readRange } from '../read-range.js';
import { unlessRefused } from '../refused.js';
import { CHECKSUM, checksumOf } from './checksum.js';
import { MIB } from './part-sizes.js';
import { Refused } from './refusal.js';
import type { S3Access } from './s3-access.js';

/** Of an object that is read whole, bytes. */
const LARGEST_SMALL = 80 * MIB;
const ABSENT = ['NoSuchKey', 'NotFound'];

/** Fills the target. Errors: those of the shared readRange, besides those of every call. */
export async function readObjectRange(
  access: S3Access,
  key: string,
  range: ByteRange,
  target: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const headers = { range: `bytes=${range.start}-${range.end - 1}` };
  await readRange({ label: access.place.label, key, range, size: target.length, absent: ABSENT }, (expected) =>
    access.exchange({ what: `read ${key}`, signal, expected }, { method: 'GET', key, headers, into: target }),
  );
}

/** A small object, whole; undefined: absent. */
export async function getWhole(
  access: S3Access,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
  return unlessRefused(ABSENT, async () => {
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
  });
}

/** Only where it is one of the whole object: that of parts has their number behind a dash. */
function checkChecksum(theirs: string | undefined, body: Uint8Array, status: number): void {
  if (theirs === undefined || theirs.includes('-') || theirs === checksumOf(body)) return;
  throw new Refused({ status, code: 'BadDigest', message: `stored ${theirs}, received ${checksumOf(body)}` });
}
