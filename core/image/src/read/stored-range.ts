// SPDX-License-Identifier: Apache-2.0
import { GritError, type ImageStorageReader } from '@grit/plugin-api';
import { namingPart } from '../damage.js';
import { orAborted, throwIfAborted, untilAborted } from '../stream/until-aborted.js';

/** A range of an object of the store. */
export interface StoredRange {
  readonly object: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a range into `target`, which has room for all of it: straight where the store can, else however it cuts its stream.
 * Throws GRIT_IMAGE_PART_TRUNCATED when fewer bytes come, and what the store throws; each names the object.
 */
export async function readStored(
  storage: ImageStorageReader,
  { object, start, end }: StoredRange,
  target: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  throwIfAborted(signal);
  let at = 0;
  try {
    if (storage.readInto !== undefined) {
      // After an abort it may still write there: nobody uses this memory again then.
      const reading = storage.readInto(object, { start, end }, target.subarray(0, end - start), signal);
      await orAborted(reading, signal);
      return;
    }
    for await (const piece of untilAborted(storage.read(object, { start, end }, signal), signal)) {
      if (at + piece.length > end - start) {
        throw new GritError('GRIT_STORAGE_IO', `the store gave more of ${object} than it was asked for`, {
          details: { part: object },
        });
      }
      target.set(piece, at);
      at += piece.length;
    }
  } catch (error) {
    throw namingPart(error, object);
  }
  if (at === end - start) return;
  throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `${object} ends at ${start + at}, before ${end}`, {
    details: { part: object, expected: end, found: start + at },
  });
}
