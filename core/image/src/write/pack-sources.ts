// SPDX-License-Identifier: Apache-2.0
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError } from '@grit/plugin-api';
import type { PackedImage } from '../pack/packed-image.js';
import { packObject } from '../format/object-names.js';

/** A pack's object and the local file with its bytes. */
export interface PackSource {
  readonly object: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Digest of its index: two packs with the same one have the same bytes. */
  readonly index: string;
}

/** The file of each pack that was made for this image. */
export function packSources(directory: string, { packs }: PackedImage): PackSource[] {
  return packs
    .filter(({ own }) => own)
    .map(({ name, size, index }) => ({ object: packObject(name), path: join(directory, name), size, index }));
}

/** Refuses a file that has another size than the pack. One that is not there is for the put to complain about. */
export async function checkSize({ object, path, size }: PackSource): Promise<void> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined || (stat.isFile() && stat.size === size)) return;
  throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `${object} has ${stat.size} bytes, not ${size}`, {
    hint: 'Something wrote to the pack before it was stored; nothing was committed. Try again.',
    details: { part: object, path, expected: size, found: stat.size },
  });
}
