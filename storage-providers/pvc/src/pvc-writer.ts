// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkImageId, throwIfAborted, untilAborted } from '@grit/image';
import { checkPartName, type ImageStorageWriter, type PutOptions } from '@grit/plugin-api';
import { CommittedWriter } from './committed-writer.js';
import { syncDirectory, writeDurably } from './durable.js';
import { FlushQueue } from './flush-queue.js';
import { linkFile } from './links.js';
import { isErrno, raise } from './storage-error.js';
import type { WritingDirectory } from './writing-directory.js';

/** Writes an image in a directory of its own; the commit moves what is the image to its place, whole. */
export class PvcWriter implements ImageStorageWriter {
  readonly #flushes = new FlushQueue();
  readonly #folders = new Set<string>();
  readonly #parts: string;
  /** Once it is committed. */
  #committed: CommittedWriter | undefined;
  #aborted = false;

  constructor(
    readonly directory: WritingDirectory,
    readonly id: string,
  ) {
    this.#parts = join(directory.image, 'parts');
    this.#folders.add(this.#parts);
  }

  async put(name: string, data: AsyncIterable<Uint8Array>, { signal, onBytes }: PutOptions): Promise<void> {
    const path = this.#path(name);
    if (this.#committed) return;
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
    if (this.#committed) return true;
    return this.#naming(name, async () => {
      throwIfAborted(signal);
      // A source that cannot be linked or is not there is for `put` to read or to complain about.
      const { size } = (await lstat(source).catch(() => undefined)) ?? {};
      if (size === undefined) {
        // It may be gone together with all that this writer had.
        await lstat(this.#parts);
        return false;
      }
      await this.#makeFolder(path);
      await rm(path, { force: true });
      if (!(await linkFile(source, path))) return false;
      this.#flushes.add({ name, path });
      onBytes?.(size);
      return true;
    });
  }

  async staging(signal: AbortSignal): Promise<string> {
    throwIfAborted(signal);
    if (this.#committed) return this.#committed.staging(signal);
    return this.#naming(undefined, () => this.directory.staging());
  }

  async adopt(image: string, names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    checkImageId(image);
    for (const name of names) checkPartName(name);
    throwIfAborted(signal);
    if (this.#committed) return this.#committed.adopt(image, names, signal);
    return this.#naming(undefined, () => this.directory.adopt(image, names));
  }

  async putAdopted(name: string, signal: AbortSignal): Promise<boolean> {
    const path = this.#path(name);
    throwIfAborted(signal);
    if (this.#committed) return true;
    return this.#naming(name, async () => {
      await this.#makeFolder(path);
      await rm(path, { force: true });
      // Its bytes are durable since the other image was committed.
      return this.directory.linkAdopted(name, path);
    });
  }

  async commit(manifest: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#committed === undefined) {
      const failure = await this.#flushes.drained();
      if (failure) await this.#naming(failure.name, () => Promise.reject(failure.error as Error));
      await this.#naming('manifest.json', () => this.#place(manifest, signal));
      this.#committed = new CommittedWriter(this.directory, this.id);
    }
    await this.#committed.commit(manifest);
  }

  async abort(): Promise<void> {
    if (this.#committed) return this.#committed.abort();
    this.#aborted = true;
    await this.#flushes.stop();
    try {
      await this.directory.remove();
    } catch (error) {
      throw await this.directory.errorOf(error, { checkpoint: this.id, writes: true });
    }
  }

  /** Everything is durable before the one rename that makes it visible. */
  async #place(manifest: Uint8Array, signal: AbortSignal): Promise<void> {
    // Folders below folders first: a name counts only when the folder that it is in counts.
    const folders = [...this.#folders].sort((a, b) => b.length - a.length);
    for (const folder of folders) await syncDirectory(folder);
    throwIfAborted(signal);
    await writeDurably(join(this.directory.image, 'manifest.json'), manifest);
    await syncDirectory(this.directory.image);
    throwIfAborted(signal);
    const { store } = this.directory;
    for (;;) {
      try {
        await rename(this.directory.image, store.image(this.id));
        return;
      } catch (error) {
        if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
        // Somebody else has committed it, or it is what is left of an image without its manifest.
        if (await store.isCommitted(this.id)) return;
        await store.remove(store.image(this.id));
      }
    }
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
    if (this.#aborted) throw raise('GRIT_STEP_FENCED', 'the writer was aborted', this.directory.store.path, action);
    try {
      return await call();
    } catch (error) {
      throw await this.directory.errorOf(error, action);
    }
  }
}
