// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GritError } from '@grit/plugin-api';
import { syncDirectory } from './durable.js';
import { isErrno, raise, storageError, type StorageAction } from './storage-error.js';

const MARKER = '.grit-store';
const FOLDERS = { images: 'images', writing: 'writing', trash: 'trash' } as const;

/**
 * The places in a store:
 * `.grit-store` says that it is one; `images/ID/{manifest.json,parts/…}` are committed images, whole;
 * `writing/ID.RANDOM/` are images that are not committed yet (see WritingDirectory); `trash/` is what only waits to be removed.
 */
export class StoreDirectory {
  /** Names at the top of a store. */
  readonly ownNames: readonly string[] = [MARKER, ...Object.values(FOLDERS)];
  readonly images: string;
  readonly writing: string;
  readonly trash: string;
  readonly #marker: string;
  #seen = false;

  constructor(
    readonly path: string,
    readonly create: boolean,
  ) {
    this.images = join(path, FOLDERS.images);
    this.writing = join(path, FOLDERS.writing);
    this.trash = join(path, FOLDERS.trash);
    this.#marker = join(path, MARKER);
  }

  /** Makes sure that the store is there. Once it was seen it is never made again: then it has vanished. */
  async ready(): Promise<void> {
    try {
      if (await this.#isThere()) return;
      if (this.create && !this.#seen) await this.#make();
      else throw this.#vanished({});
    } catch (error) {
      throw storageError(error, this.path, { writes: true });
    }
  }

  image(id: string): string {
    return join(this.images, id);
  }

  manifest(id: string): string {
    return join(this.images, id, 'manifest.json');
  }

  part(id: string, name: string): string {
    return join(this.images, id, 'parts', name);
  }

  async isCommitted(id: string): Promise<boolean> {
    try {
      await lstat(this.manifest(id));
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  }

  /** A path for the directory of one more writer; it is not made. */
  newWriting(id: string): string {
    return join(this.writing, unique(id));
  }

  /** Directories of all writers of an image that is not committed, be they at work or dead. */
  async writingsOf(id: string): Promise<string[]> {
    const entries = await readdir(this.writing);
    return entries.filter((entry) => idOf(entry) === id).map((entry) => join(this.writing, entry));
  }

  /** Removes what writers of the image left. One that is still at it fails with its next call. */
  async clearWriting(id: string): Promise<void> {
    for (const path of await this.writingsOf(id)) await this.remove(path);
  }

  /** Takes a directory out of sight at once, and then removes it. */
  async remove(path: string): Promise<void> {
    const target = join(this.trash, unique('x'));
    try {
      await rename(path, target);
    } catch (error) {
      if (isErrno(error, 'ENOENT') && (await this.#isThere())) return;
      throw error;
    }
    await syncDirectory(dirname(path));
    // A writer that was overtaken may have just made one more file in it.
    await rm(target, { recursive: true, force: true, maxRetries: 2 });
  }

  /** Removes what crashed deletes left. */
  async emptyTrash(): Promise<void> {
    for (const entry of await readdir(this.trash)) {
      // Whoever put it there may be removing it too.
      await rm(join(this.trash, entry), { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined);
    }
  }

  /** The error for what the operating system threw, which may mean that the whole store is gone. */
  async errorOf(error: unknown, action: StorageAction): Promise<GritError> {
    const there = !isErrno(error, 'ENOENT', 'ENOTDIR') || (await this.#isThere().catch(() => false));
    return there ? storageError(error, this.path, action) : this.#vanished(action, error);
  }

  /** Writes a few bytes durably and removes them. */
  async probe(): Promise<void> {
    const path = join(this.writing, `.probe-${unique('x')}`);
    try {
      await using file = await open(path, 'wx', 0o600);
      await file.writeFile(Buffer.alloc(4096, 1));
      await file.datasync();
    } finally {
      await rm(path, { force: true });
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      await stat(this.#marker);
      this.#seen = true;
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  }

  async #make(): Promise<void> {
    for (const path of [this.images, this.writing, this.trash]) await mkdir(path, { recursive: true, mode: 0o700 });
    await using marker = await open(this.#marker, 'a', 0o600);
    await marker.sync();
    await syncDirectory(this.path);
    await syncDirectory(dirname(this.path));
    this.#seen = true;
  }

  #vanished(action: Pick<StorageAction, 'checkpoint' | 'part'>, cause?: unknown): GritError {
    const what = this.#seen ? 'it has vanished' : 'it is no store (its file .grit-store is missing)';
    return raise('GRIT_STORAGE_UNAVAILABLE', what, this.path, action, cause);
  }
}

function unique(id: string): string {
  return `${id}.${randomBytes(6).toString('hex')}`;
}

function idOf(entry: string): string {
  return entry.slice(0, Math.max(0, entry.lastIndexOf('.')));
}
