// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { checkImageId, throwIfAborted } from '@grit/image';
import { checkPartName, type ImageStorageWriter } from '@grit/plugin-api';
import { syncDirectory } from './durable.js';
import { isErrno, raise } from './storage-error.js';
import type { WritingDirectory } from './writing-directory.js';

/**
 * Writer of an image that is committed: it only compares. Whoever repeats the whole write gets a directory for his files all the
 * same, made when it is asked for, so that it is the commit that tells him.
 */
export class CommittedWriter implements ImageStorageWriter {
  constructor(
    readonly directory: WritingDirectory,
    readonly id: string,
  ) {}

  async put(name: string): Promise<void> {
    // The image is there already.
    checkPartName(name);
  }

  async putFile(name: string): Promise<boolean> {
    checkPartName(name);
    return true;
  }

  async staging(signal: AbortSignal): Promise<string> {
    throwIfAborted(signal);
    return this.#naming(undefined, async () => {
      await this.directory.make();
      return this.directory.staging();
    });
  }

  async adopt(image: string, names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    checkImageId(image);
    for (const name of names) checkPartName(name);
    throwIfAborted(signal);
    return this.#naming(undefined, async () => {
      await this.directory.make();
      return this.directory.adopt(image, names);
    });
  }

  async putAdopted(name: string, signal: AbortSignal): Promise<boolean> {
    checkPartName(name);
    throwIfAborted(signal);
    return true;
  }

  async commit(manifest: Uint8Array): Promise<void> {
    const same = await this.#naming('manifest.json', async () => {
      const known = await this.#manifest();
      // The one who committed may have crashed before its last step.
      await syncDirectory(this.directory.store.images);
      return known.equals(manifest);
    });
    // The image is safe. What cannot be removed now is removed when it is begun again or deleted.
    await this.directory.remove().catch(() => undefined);
    if (!same) throw this.#error('GRIT_IDEMPOTENCY_CONFLICT', 'it was committed with another manifest');
  }

  /** The image stays; what was made for repeating it goes. */
  async abort(): Promise<void> {
    await this.#naming(undefined, () => this.directory.remove());
  }

  async #manifest(): Promise<Buffer> {
    const { store } = this.directory;
    try {
      return await readFile(store.manifest(this.id));
    } catch (error) {
      const known = await store.errorOf(error, { checkpoint: this.id, part: 'manifest.json', writes: true });
      if (!isErrno(error, 'ENOENT') || known.code === 'GRIT_STORAGE_UNAVAILABLE') throw known;
      throw this.#error('GRIT_STEP_FENCED', 'the image was deleted', error);
    }
  }

  #error(code: 'GRIT_IDEMPOTENCY_CONFLICT' | 'GRIT_STEP_FENCED', what: string, cause?: unknown): Error {
    return raise(code, what, this.directory.store.path, { checkpoint: this.id, part: 'manifest.json' }, cause);
  }

  async #naming<T>(part: string | undefined, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw await this.directory.errorOf(error, { checkpoint: this.id, part, writes: true });
    }
  }
}
