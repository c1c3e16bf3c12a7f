// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
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
  #adoptions = 0;

  constructor(
    readonly store: StoreDirectory,
    readonly path: string,
  ) {
    this.image = join(path, 'image');
    this.#staging = join(path, 'staging');
    this.#adopted = join(path, 'adopted');
  }

  /**
   * A directory to write an image in. Of what earlier writers of the image left, the newest staging is kept, all else is removed.
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

  /** Path of a hard link to an object of a committed image; undefined where there is none or can be none. */
  async adopt(image: string, name: string): Promise<string | undefined> {
    await makeDirectory(this.#adopted);
    const path = join(this.#adopted, String(this.#adoptions++));
    try {
      await lstat(this.store.manifest(image));
      return (await linkFile(this.store.part(image, name), path)) ? path : undefined;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR') && (await exists(this.#adopted))) return undefined;
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
      const kept = await newestStaging(left);
      if (kept === undefined) {
        // One that has vanished since may have had a staging, which somebody else has now.
        if ((await Promise.all(left.map(exists))).includes(false)) continue;
        await this.make();
      } else if (!(await this.#takeOver(kept))) {
        continue;
      }
      for (const path of left) if (path !== kept) await this.store.remove(path);
      break;
    }
    // Objects are put again, which costs little: those out of the staging are links. Nothing of the writer before gets into the image.
    for (const path of [this.image, this.#adopted]) if (await exists(path)) await this.store.remove(path);
    // One that was on its way may be here after the rename: that of a writer who was taken over in the middle of this line.
    for (const path of [this.image, join(this.image, 'parts')]) await makeDirectory(path);
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

/** Of directories of writers, the one with the newest staging that has something in it. */
async function newestStaging(directories: readonly string[]): Promise<string | undefined> {
  let newest: { readonly directory: string; readonly time: bigint } | undefined;
  for (const directory of directories) {
    try {
      const staging = join(directory, 'staging');
      if ((await readdir(staging)).length === 0) continue;
      // A directory's time is that of the last file that came.
      const { mtimeNs: time } = await lstat(staging, { bigint: true });
      if (newest === undefined || time > newest.time) newest = { directory, time };
    } catch (error) {
      if (!isErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }
  return newest?.directory;
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
