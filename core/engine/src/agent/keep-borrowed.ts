// SPDX-License-Identifier: Apache-2.0
import { link, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnownPack, PackedImage } from '@grit/image';

/**
 * Links the packs of other images that are used into the directory of the own ones: they are then there in the store step even when
 * those images are deleted until then. Where there can be no links the store step asks for them once more.
 */
export async function keepBorrowed(
  packed: PackedImage,
  known: readonly KnownPack[],
  directory: string,
): Promise<PackedImage> {
  const paths = new Map(known.map(({ name, path }) => [name, path]));
  const packs = packed.packs.map(async (pack): Promise<PackedImage['packs'][number]> => {
    const { name, size, index, own } = pack;
    const path = own ? undefined : paths.get(name);
    if (path === undefined || !(await linked(path, join(directory, name)))) return pack;
    return { name, size, index, own: true };
  });
  return { ...packed, packs: await Promise.all(packs) };
}

/** Removes what {@link keepBorrowed} has linked: a packer would read it all again, to make sure that it is a pack of its own. */
export async function dropBorrowed(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const { nlink } = await lstat(path);
    if (nlink > 1) await rm(path);
  }
}

async function linked(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST';
  }
}
