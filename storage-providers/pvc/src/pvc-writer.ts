// SPDX-License-Identifier: Apache-2.0
import { link, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfAborted, untilAborted } from '@grit/image';
import { checkPartName, type ImageStorageWriter, type PutOptions } from '@grit/plugin-api';
import { CommittedWriter } from './committed-writer.js';
import { syncDirectory, writeDurably } from './durable.js';
import { FlushQueue } from './flush-queue.js';
import { isErrno, raise } from './storage-error.js';
import type { StoreDirectory } from './store-directory.js';

/** What `link` says where there is another file system, or one without hard links. */
const NO_LINKS = ['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS'];

/** Writes an image in a directory of its own, which the commit moves to its place whole. */
export class PvcWriter implements ImageStorageWriter {
  readonly #flushes = new FlushQueue();
  readonly #folders = new Set<string>();
  readonly #parts: string;
  #state: 'open' | 'committed' | 'aborted' = 'open';

  constructor(
    readonly store: StoreDirectory,
    readonly id: string,
    readonly directory: string,
  ) {
    this.#parts = join(directory, 'parts');
    this.#folders.add(this.#parts);
  }

  async put(name: string, data: AsyncIterable<Uint8Array>, { signal, onBytes }: PutOptions): Promise<void> {
    const path = this.#path(name);
    if (this.#state === 'committed') return;
    await this.#naming(name, async () => {
      throwIfAborted(signal);
      await this.#makeFolder(path);
      // Not the file that is there: it may be a hard link to the bytes of somebody else.
      await rm(path, { force: true });
      await using file = await open(path, 'wx', 0o600);
      for await (const chunk of untilAborted(data, signal)) {
        for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
        onBytes?.(chunk.length);
      }
      this.#flushes.add({ name, path });
    });
  }

  async putFile(name: string, source: string, { signal, onBytes }: PutOptions): Promise<boolean> {
    const path = this.#path(name);
    if (this.#state === 'committed') return true;
    return this.#naming(name, async () => {
      throwIfAborted(signal);
      // A source that cannot be linked or is not there is for `put` to read or to complain about.
      const { size } = (await lstat(source).catch(() => undefined)) ?? {};
      if (size === undefined) return false;
      await this.#makeFolder(path);
      await rm(path, { force: true });
      try {
        await link(source, path);
      } catch (error) {
        if (isErrno(error, ...NO_LINKS)) return false;
        throw error;
      }
      if (!(await lstat(path)).isFile()) {
        await rm(path, { force: true });
        return false;
      }
      this.#flushes.add({ name, path });
      onBytes?.(size);
      return true;
    });
  }

  async commit(manifest: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#state !== 'committed') {
      const failure = await this.#flushes.drained();
      if (failure) await this.#naming(failure.name, () => Promise.reject(failure.error as Error));
      await this.#naming('manifest.json', () => this.#place(manifest, signal));
    }
    await new CommittedWriter(this.store, this.id).commit(manifest);
  }

  async abort(): Promise<void> {
    if (this.#state === 'committed') return;
    this.#state = 'aborted';
    await this.#flushes.stop();
    await this.#naming(undefined, () => this.store.remove(this.directory));
  }

  /** Everything is durable before the one rename that makes it visible. */
  async #place(manifest: Uint8Array, signal: AbortSignal): Promise<void> {
    // Folders below folders first: a name counts only when the folder that it is in counts.
    const folders = [...this.#folders].sort((a, b) => b.length - a.length);
    for (const folder of folders) await syncDirectory(folder);
    throwIfAborted(signal);
    await writeDurably(join(this.directory, 'manifest.json'), manifest);
    await syncDirectory(this.directory);
    throwIfAborted(signal);
    const image = this.store.image(this.id);
    for (;;) {
      try {
        await rename(this.directory, image);
        break;
      } catch (error) {
        if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
        // Somebody else has committed it, or it is what is left of an image without its manifest.
        if (await exists(this.store.manifest(this.id))) {
          await this.store.remove(this.directory);
          break;
        }
        await this.store.remove(image);
      }
    }
    this.#state = 'committed';
  }

  #path(name: string): string {
    return join(this.#parts, checkPartName(name));
  }

  async #makeFolder(path: string): Promise<void> {
    for (let folder = dirname(path); folder !== this.#parts; folder = dirname(folder)) this.#folders.add(folder);
    // Not recursive from the root: a writer that was cleared away must not come back.
    const missing = [...this.#folders].filter((folder) => path.startsWith(`${folder}/`) && folder !== this.#parts);
    for (const folder of missing.sort((a, b) => a.length - b.length)) {
      await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
        if (!isErrno(error, 'EEXIST')) throw error;
      });
    }
  }

  async #naming<T>(part: string | undefined, call: () => Promise<T>): Promise<T> {
    const action = { checkpoint: this.id, part, writes: true };
    try {
      if (this.#state === 'aborted' && part !== undefined) {
        throw raise('GRIT_STEP_FENCED', 'the writer was aborted', this.store.path, action);
      }
      return await call();
    } catch (error) {
      const known = await this.store.errorOf(error, action);
      if (!isErrno(error, 'ENOENT') || known.code === 'GRIT_STORAGE_UNAVAILABLE' || (await exists(this.directory))) {
        throw known;
      }
      const what = 'the image was deleted, or another writer has begun it anew';
      throw raise('GRIT_STEP_FENCED', what, this.store.path, action, error);
    }
  }
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
