// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { ByteRange } from '../object-store.js';
import type { AzureAccess } from './azure-access.js';
import { MIB } from './block-sizes.js';
import { isRefused } from './refusal.js';

/** Of an object that is read whole, bytes. */
const LARGEST_SMALL = 80 * MIB;
/** The second is what HEAD says, whose answers have no body. */
export const ABSENT = ['BlobNotFound', 'NotFound'];

/** Fills the target. Errors: GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED, besides those of every call. */
export async function readRange(
  access: AzureAccess,
  key: string,
  range: ByteRange,
  target: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { label } = access.place;
  try {
    const { status, received } = await access.exchange(
      { what: `read ${key}`, signal, expected: [...ABSENT, 'InvalidRange'] },
      () => ({
        method: 'GET',
        path: access.pathOf(key),
        headers: { 'x-ms-range': `bytes=${range.start}-${range.end - 1}` },
        into: target,
      }),
    );
    if (status !== 206 && range.start > 0) {
      throw new GritError('GRIT_STORAGE_UNSUITABLE', `${label}: the service has no ranges of blobs`);
    }
    if (received < target.length) {
      throw truncated(`${label}: ${key} ends at ${range.start + received}, not at ${range.end}`);
    }
  } catch (error) {
    if (isRefused(error, ...ABSENT)) throw missing(access, key);
    if (isRefused(error, 'InvalidRange')) throw truncated(`${label}: ${key} ends before ${range.start + 1}`);
    throw error;
  }
}

/** A small object, whole; undefined: absent. */
export async function readWhole(
  access: AzureAccess,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
  try {
    const { headers, body } = await access.exchange({ what: `read ${key}`, signal, expected: ABSENT }, () => ({
      method: 'GET',
      path: access.pathOf(key),
      bodyLimit: LARGEST_SMALL,
    }));
    return { bytes: body, etag: headers.get('etag') ?? '' };
  } catch (error) {
    if (isRefused(error, ...ABSENT)) return undefined;
    throw error;
  }
}

export function missing({ place }: AzureAccess, key: string): GritError {
  return new GritError('GRIT_IMAGE_PART_MISSING', `${place.label}: ${key} is missing`);
}

export function truncated(message: string): GritError {
  return new GritError('GRIT_IMAGE_PART_TRUNCATED', message);
}
