// SPDX-License-Identifier: Apache-2.0
import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { checkImageId, isImageId, throwIfAborted } from '@grit/image';
import type {
  Collected,
  CollectOptions,
  ImageStorageReader,
  ImageStorageWriter,
  StorageProvider,
  StoredImage,
} from '@grit/plugin-api';
import { collect } from './collect/collect.js';
import { CommittedWriter } from './committed-writer.js';
import { syncDirectory } from './durable.js';
import { PvcReader } from './pvc-reader.js';
import { PvcWriter } from './pvc-writer.js';
import { replaceManifest } from './replace-manifest.js';
import { isErrno, raise, type StorageAction } from './storage-error.js';
import { StoreDirectory } from './store-directory.js';
import { WritingDirectory } from './writing-directory.js';

/** Options of the store. */
export interface PvcStorageOptions {
  /** Absolute path. */
  readonly path: string;
  /** Make the directory a store when it is none. Default true. */
  readonly create?: boolean | undefined;
}

/** Images in a directory of any file system that has rename, fsync, and, for speed, hard links. */
export class PvcStorage implements StorageProvider {
  readonly #store: StoreDirectory;

  constructor({ path, create }: PvcStorageOptions) {
    this.#store = new StoreDirectory(path, create ?? true);
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.#run({ writes: true }, signal, async () => {
      await this.#store.probe();
      await this.#store.emptyTrash();
      const { bavail } = await statfs(this.#store.path);
      if (bavail === 0) throw raise('GRIT_STORAGE_FULL', 'no room is left', this.#store.path, {});
    });
  }

  async begin(id: string, signal: AbortSignal): Promise<ImageStorageWriter> {
    checkImageId(id);
    return this.#run({ checkpoint: id, writes: true }, signal, async () => {
      if (!(await this.#store.isCommitted(id))) {
        const directory = await WritingDirectory.take(this.#store, id);
        // The writer that was overtaken may have committed at the last moment.
        if (!(await this.#store.isCommitted(id))) return new PvcWriter(directory, id);
      }
      await this.#store.clearWriting(id);
      return new CommittedWriter(new WritingDirectory(this.#store, this.#store.newWriting(id)), id);
    });
  }

  async open(id: string, signal: AbortSignal): Promise<ImageStorageReader> {
    checkImageId(id);
    return this.#run({ checkpoint: id, writes: false }, signal, async () => {
      if (await this.#store.isCommitted(id)) return new PvcReader(this.#store, id);
      const remains = await this.#has(this.#store.image(id));
      const code = remains ? 'GRIT_IMAGE_MANIFEST_MISSING' : 'GRIT_CHECKPOINT_NOT_FOUND';
      const what = remains ? 'it has no manifest any more' : 'there is no such checkpoint';
      throw raise(code, what, this.#store.path, { checkpoint: id, ...(remains && { part: 'manifest.json' }) });
    });
  }

  async *list(signal: AbortSignal): AsyncGenerator<StoredImage, void> {
    const action = { writes: false };
    const ids = await this.#run(action, signal, () => readdir(this.#store.images));
    for (const id of ids.filter(isImageId)) {
      const image = await this.#run({ ...action, checkpoint: id }, signal, () => this.#stored(id));
      if (image !== undefined) yield image;
    }
  }

  async delete(id: string, signal: AbortSignal): Promise<void> {
    checkImageId(id);
    await this.#run({ checkpoint: id, writes: true }, signal, async () => {
      await this.#store.remove(this.#store.image(id));
      await this.#store.clearWriting(id);
      await syncDirectory(this.#store.images);
    });
  }

  collect(options: CollectOptions): Promise<Collected> {
    return this.#run({ writes: true }, options.signal, () => collect(this.#store, options));
  }

  async replaceManifest(
    id: string,
    manifests: { readonly expected: Uint8Array; readonly manifest: Uint8Array },
    signal: AbortSignal,
  ): Promise<void> {
    checkImageId(id);
    await this.#run({ checkpoint: id, part: 'manifest.json', writes: true }, signal, () =>
      replaceManifest(this.#store, id, manifests),
    );
  }

  /** Undefined for what is no committed image, or is being deleted at this moment. */
  async #stored(id: string): Promise<StoredImage | undefined> {
    try {
      const { mtimeMs } = await lstat(this.#store.manifest(id));
      const parts = join(this.#store.image(id), 'parts');
      const entries = await readdir(parts, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      const sizes = await Promise.all(files.map(async (file) => (await lstat(join(file.parentPath, file.name))).size));
      return { id, size: sizes.reduce((sum, size) => sum + size, 0), committedAt: Math.round(mtimeMs) };
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  async #has(path: string): Promise<boolean> {
    try {
      await lstat(path);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  }

  async #run<T>(action: StorageAction, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    throwIfAborted(signal);
    await this.#store.ready();
    try {
      return await call();
    } catch (error) {
      throw await this.#store.errorOf(error, action);
    }
  }
}
