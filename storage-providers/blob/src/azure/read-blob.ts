// SPDX-License-Identifier: Apache-2.0
import type { ByteRange } from '../object-store.js';
import { readRange } from '../read-range.js';
import { unlessRefused } from '../refused.js';
import type { AzureAccess } from './azure-access.js';
import { MIB } from './block-sizes.js';

/** Of an object that is read whole, bytes. */
const LARGEST_SMALL = 80 * MIB;
/** The second is what HEAD says, whose answers have no body. */
export const ABSENT = ['BlobNotFound', 'NotFound'];

/** Fills the target. Errors: those of the shared readRange, besides those of every call. */
export async function readBlobRange(
  access: AzureAccess,
  key: string,
  range: ByteRange,
  target: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const headers = { 'x-ms-range': `bytes=${range.start}-${range.end - 1}` };
  await readRange({ label: access.place.label, key, range, size: target.length, absent: ABSENT }, (expected) =>
    access.exchange({ what: `read ${key}`, signal, expected }, () => ({
      method: 'GET',
      path: access.pathOf(key),
      headers,
      into: target,
    })),
  );
}

/** A small object, whole; undefined: absent. */
export async function readWhole(
  access: AzureAccess,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
  return unlessRefused(ABSENT, async () => {
    const { headers, body } = await access.exchange({ what: `read ${key}`, signal, expected: ABSENT }, () => ({
      method: 'GET',
      path: access.pathOf(key),
      bodyLimit: LARGEST_SMALL,
    }));
    return { bytes: body, etag: headers.get('etag') ?? '' };
  });
}
