// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { ByteRange, ObjectStore } from './object-store.js';
import { isRefused } from './refused.js';
import type { WireAnswer } from './wire/wire-request.js';

/** Past the end of an object, in the words of S3 and of Azure. */
const PAST_END = 'InvalidRange';

/**
 * Checks that a range of at least one byte came whole into the target. `ask` sends the request, and is told which refusals it leaves as
 * they are. Errors: GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED, besides those of `ask`.
 */
export async function readRange(
  {
    label,
    key,
    range,
    size,
    absent,
  }: {
    readonly label: string;
    readonly key: string;
    readonly range: ByteRange;
    /** Bytes of the target. */
    readonly size: number;
    /** Codes of an object that is not there. */
    readonly absent: readonly string[];
  },
  ask: (expected: readonly string[]) => Promise<Pick<WireAnswer, 'status' | 'received'>>,
): Promise<void> {
  try {
    const { status, received } = await ask([...absent, PAST_END]);
    if (status !== 206 && range.start > 0) {
      throw new GritError('GRIT_STORAGE_UNSUITABLE', `${label}: the service has no ranges of objects`);
    }
    if (received < size) throw truncated(`${label}: ${key} ends at ${range.start + received}, not at ${range.end}`);
  } catch (error) {
    if (isRefused(error, ...absent)) throw missing(label, key);
    if (isRefused(error, PAST_END)) throw truncated(`${label}: ${key} ends before ${range.start + 1}`);
    throw error;
  }
}

/** A range of no bytes, for which there is no request: it must lie within the object. Errors: those of {@link readRange}. */
export async function readNothing(
  store: Pick<ObjectStore, 'label' | 'head'>,
  key: string,
  { end }: ByteRange,
  signal: AbortSignal,
): Promise<void> {
  const found = await store.head(key, signal);
  if (found === undefined) throw missing(store.label, key);
  if (found.size < end) throw truncated(`${store.label}: ${key} has ${found.size} bytes only`);
}

function missing(label: string, key: string): GritError {
  return new GritError('GRIT_IMAGE_PART_MISSING', `${label}: ${key} is missing`);
}

function truncated(message: string): GritError {
  return new GritError('GRIT_IMAGE_PART_TRUNCATED', message);
}
