// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codedPackError } from '../io/coded-pack-error.js';
import { isPackName } from './pack-name.js';

const PARTIAL = '.partial';

/**
 * Makes the directory if it is not there, removes unfinished packs from it, and returns the names of the finished ones. Nothing above
 * it is made: a writer that was overtaken must not come back.
 */
export async function leftPacks(directory: string): Promise<string[]> {
  try {
    await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    const names = await readdir(directory);
    await removeAll(directory, names.filter(isPartial));
    return names.filter(isPackName).sort();
  } catch (error) {
    throw codedPackError(error, directory);
  }
}

/** Removes all packs, finished or not, except the named ones. */
export async function removePacks(directory: string, except: ReadonlySet<string> = new Set()): Promise<void> {
  try {
    const names = await readdir(directory);
    await removeAll(
      directory,
      names.filter((name) => isPartial(name) || (isPackName(name) && !except.has(name))),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw codedPackError(error, directory);
  }
}

function isPartial(name: string): boolean {
  return name.endsWith(PARTIAL) && isPackName(name.slice(0, -PARTIAL.length));
}

async function removeAll(directory: string, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => rm(join(directory, name), { force: true })));
}
