// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdir, open } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { GritError, type LocalPart } from '@grit/plugin-api';

/**
 * Makes the directories of the parts, for their owner alone, and returns their paths. Throws GRIT_STORAGE_IO for one that is a
 * symbolic link: what is fetched must not go where something else pointed.
 */
export async function makeFolders(directory: string, parts: readonly LocalPart[]): Promise<string[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const folders = new Set<string>();
  for (const { path } of parts) {
    let folder = directory;
    for (const name of relative(directory, dirname(path)).split(sep).filter(Boolean)) {
      folder = join(folder, name);
      if (folders.has(folder)) continue;
      await makeFolder(folder);
      folders.add(folder);
    }
  }
  return [directory, ...folders];
}

/** Makes the entries of directories survive a crash of the machine. */
export async function syncFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    await using directory = await open(folder, 'r');
    await directory.sync();
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await lstat(path)).isDirectory()) return;
    throw new GritError('GRIT_STORAGE_IO', `${path} is no directory`, {
      hint: 'The directory that an image is fetched into must belong to nobody else.',
      details: { path },
    });
  }
}
