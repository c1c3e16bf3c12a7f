// SPDX-License-Identifier: Apache-2.0
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, type ImageStorageWriter } from '@grit/plugin-api';
import type { KnownPack, PackedImage } from '../pack/packed-image.js';
import { packObject } from '../format/object-names.js';

/** A pack's object and the local file with its bytes. */
export interface PackSource {
  readonly object: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Finds the file of each pack: in the directory, or where another image's pack was adopted. */
export async function packSources(
  writer: ImageStorageWriter,
  directory: string,
  { packs }: PackedImage,
  known: readonly KnownPack[],
  signal: AbortSignal,
): Promise<PackSource[]> {
  const paths = new Map(known.map(({ name, path }) => [name, path]));
  const sources: PackSource[] = [];
  for (const { name, size, own, image } of packs) {
    const object = packObject(name);
    const adopted = (): Promise<string | undefined> | undefined =>
      image === undefined ? undefined : writer.adopt?.(image, object, signal);
    const path = own ? join(directory, name) : (paths.get(name) ?? (await adopted()));
    if (path === undefined) throw gone(name, image);
    sources.push({ object, path, size });
  }
  return sources;
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

function gone(name: string, image: string | undefined): GritError {
  const whose = image === undefined ? 'another image' : `checkpoint ${image}`;
  return new GritError('GRIT_IMAGE_BASE_GONE', `pack ${name} of ${whose} is not in the store any more`, {
    details: { part: packObject(name), ...(image !== undefined && { base: image }) },
  });
}
