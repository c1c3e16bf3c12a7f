// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { lstat, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GritError } from '@grit/plugin-api';
import { linkFile } from './links.js';
import { isErrno, raise, type StorageAction } from './storage-error.js';
import type { StoreDirectory } from './store-directory.js';

/**
 * The directory of one writer: `image/` is what the commit moves to its place, `staging/` is for the files of the caller, `adopted/`
 * has hard links to objects of other images. No two writers have one name, so a writer that was overtaken finds nothing any more.
 */
export class WritingDirectory {
  readonly image: string;
  readonly #staging: string;
  readonly #adopted: string;

  constructor(
    readonly store: StoreDirectory,
    readonly path: string,
  ) {
    this.image = join(path, 'image');
    this.#staging = join(path, 'staging');
    this.#adopted = join(path, 'adopted');
  }

  /**
   * A directory to write an image in. Of what earlier writers of the image left, the newest staging and all that was adopted are kept, all
   * else is removed.
   * One rename takes it over, at any moment it has one owner; the one before fails with its next call.
   */
  static async take(store: StoreDirectory, id: string): Promise<WritingDirectory> {
    const directory = new WritingDirectory(store, store.newWriting(id));
    try {
      await directory.#take(id);
    } catch (error) {
      throw await directory.errorOf(error, { checkpoint: id, writes: true });
    }
    return directory;
  }

  /** Makes the directory, if need be again. Not recursive: that would make a vanished store anew. */
  async make(): Promise<void> {
    await makeDirectory(this.path);
  }

  async staging(): Promise<string> {
    await makeDirectory(this.#staging);
    return this.#staging;
  }

  /** Makes hard links to objects of a committed image, or finds them made; gives the names of those that are there. */
  async adopt(image: string, names: readonly string[]): Promise<string[]> {
    await makeDirectory(this.#adopted);
    const adopted: string[] = [];
    for (const name of names) if (await this.#adopt(image, name)) adopted.push(name);
    return adopted;
  }

  /** Links an adopted object to a path. False where there is none. */
  async linkAdopted(name: string, path: string): Promise<boolean> {
    try {
      return await linkFile(this.#adoptedPath(name), path);
    } catch (error) {
      if (isErrno(error, 'ENOENT') && (await exists(dirname(path)))) return false;
      throw error;
    }
  }

  async remove(): Promise<void> {
    await this.store.remove(this.path);
  }

  /** As that of the store; GRIT_STEP_FENCED when the error comes from the directory being gone. */
  async errorOf(error: unknown, action: StorageAction): Promise<GritError> {
    const known = await this.store.errorOf(error, action);
    const missing = isErrno(error, 'ENOENT') && known.code !== 'GRIT_STORAGE_UNAVAILABLE';
    if (!missing || (await exists(this.path).catch(() => true))) return known;
    const what = 'the image was deleted, or another writer has begun it anew';
    return raise('GRIT_STEP_FENCED', what, this.store.path, action, error);
  }

  async #take(id: string): Promise<void> {
    for (;;) {
      const left = await this.store.writingsOf(id);
      const kept = await newestLeft(left);
      if (kept === undefined) {
        // One that has vanished since may have had a staging, which somebody else has now.
        if ((await Promise.all(left.map(exists))).includes(false)) continue;
        await this.make();
      } else if (!(await this.#takeOver(kept))) {
        continue;
      }
      for (const path of left.filter((other) => other !== kept)) {
        await this.#takeAdopted(path);
        await this.store.remove(path);
      }
      break;
    }
    // Objects are put again, which costs little: they are links. Nothing of the writer before gets into the image.
    if (await exists(this.image)) await this.store.remove(this.image);
    // One that was on its way may be here after the rename: that of a writer who was taken over in the middle of this line.
    for (const path of [this.image, join(this.image, 'parts')]) await makeDirectory(path);
  }

  async #adopt(image: string, name: string): Promise<boolean> {
    try {
      await lstat(this.store.manifest(image));
      return await linkFile(this.store.part(image, name), this.#adoptedPath(name));
    } catch (error) {
      // A name stands for the same bytes in every image.
      if (isErrno(error, 'EEXIST')) return true;
      if (isErrno(error, 'ENOENT', 'ENOTDIR') && (await exists(this.#adopted))) return false;
      throw error;
    }
  }

  /** All lie in one directory, and a name may be longer than a file name. */
  #adoptedPath(name: string): string {
    return join(this.#adopted, hash('sha256', name));
  }

  /** What another one has adopted is ours too. */
  async #takeAdopted(path: string): Promise<void> {
    const adopted = join(path, 'adopted');
    const names = await readdir(adopted).catch((error: unknown) => {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    });
    if (names.length > 0) await makeDirectory(this.#adopted);
    for (const name of names) {
      await rename(join(adopted, name), join(this.#adopted, name)).catch(async (error: unknown) => {
        // Somebody else has begun the image as well, and was faster.
        if (!isErrno(error, 'ENOENT') || !(await exists(this.#adopted))) throw error;
      });
    }
  }

  /** False when another one was faster. */
  async #takeOver(path: string): Promise<boolean> {
    try {
      await rename(path, this.path);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT') && (await exists(this.store.images))) return false;
      throw error;
    }
  }
}

/** Of directories of writers, the one with the newest staging that has something in it; else one with something adopted. */
async function newestLeft(directories: readonly string[]): Promise<string | undefined> {
  for (const name of ['staging', 'adopted']) {
    let newest: { readonly directory: string; readonly time: bigint } | undefined;
    for (const directory of directories) {
      const time = await timeOfFull(join(directory, name));
      if (time !== undefined && (newest === undefined || time > newest.time)) newest = { directory, time };
    }
    if (newest !== undefined) return newest.directory;
  }
  return undefined;
}

/** When the last file came into a directory; undefined for one that is empty or not there. */
async function timeOfFull(directory: string): Promise<bigint | undefined> {
  try {
    if ((await readdir(directory)).length === 0) return undefined;
    return (await lstat(directory, { bigint: true })).mtimeNs;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!isErrno(error, 'EEXIST')) throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    },
  );
}
