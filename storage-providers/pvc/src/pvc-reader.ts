// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { lstat, open, readFile, type FileHandle } from 'node:fs/promises';
import { throwIfAborted, untilAborted } from '@grit/image';
import { checkPartName, isGritError, type GritError, type ImageStorageReader } from '@grit/plugin-api';
import { isErrno, raise } from './storage-error.js';
import type { StoreDirectory } from './store-directory.js';

const CHUNK_BYTES = 1024 * 1024;

/** Reads a committed image. */
export class PvcReader implements ImageStorageReader {
  constructor(
    readonly store: StoreDirectory,
    readonly id: string,
  ) {}

  async manifest(signal: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    try {
      return await readFile(this.store.manifest(this.id));
    } catch (error) {
      const known = await this.#errorOf(error, 'manifest.json');
      if (known.code !== 'GRIT_IMAGE_PART_MISSING') throw known;
      throw raise('GRIT_IMAGE_MANIFEST_MISSING', 'it is gone', this.store.path, this.#action('manifest.json'), error);
    }
  }

  async size(name: string, signal: AbortSignal): Promise<number> {
    throwIfAborted(signal);
    try {
      const stat = await lstat(this.#path(name));
      if (stat.isFile()) return stat.size;
    } catch (error) {
      throw await this.#errorOf(error, name);
    }
    throw raise('GRIT_IMAGE_PART_MISSING', 'it is no file', this.store.path, this.#action(name));
  }

  read(
    name: string,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    return untilAborted(this.#chunks(name, range), signal);
  }

  async readInto(
    name: string,
    { start, end }: { readonly start: number; readonly end: number },
    target: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    try {
      await using file = await this.#open(name, end);
      for (let at = start; at < end;) {
        const count = Math.min(CHUNK_BYTES, end - at);
        const { bytesRead } = await file.read(target, at - start, count, at);
        if (bytesRead === 0) throw this.#truncated(name, at, end);
        throwIfAborted(signal);
        at += bytesRead;
      }
    } catch (error) {
      throw await this.#errorOf(error, name);
    }
  }

  async localPath(name: string, signal: AbortSignal): Promise<string> {
    await this.size(name, signal);
    return this.#path(name);
  }

  async *#chunks(
    name: string,
    { start, end }: { readonly start: number; readonly end: number },
  ): AsyncGenerator<Uint8Array, void> {
    try {
      await using file = await this.#open(name, end);
      for (let at = start; at < end;) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, end - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw this.#truncated(name, at, end);
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    } catch (error) {
      throw await this.#errorOf(error, name);
    }
  }

  /** A file that has bytes up to `end`. */
  async #open(name: string, end: number): Promise<FileHandle> {
    const file = await open(this.#path(name), constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await file.stat().catch(() => ({ size: 0 }));
    if (size >= end) return file;
    await file.close();
    throw this.#truncated(name, size, end);
  }

  #truncated(name: string, found: number, end: number): GritError {
    const what = `it ends at ${found}, before ${end}`;
    return raise('GRIT_IMAGE_PART_TRUNCATED', what, this.store.path, this.#action(name));
  }

  #path(name: string): string {
    return this.store.part(this.id, checkPartName(name));
  }

  #action(part: string): { readonly checkpoint: string; readonly part: string; readonly writes: false } {
    return { checkpoint: this.id, part, writes: false };
  }

  async #errorOf(error: unknown, part: string): Promise<GritError> {
    const known = await this.store.errorOf(error, this.#action(part));
    const missing = isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP') && known.code !== 'GRIT_STORAGE_UNAVAILABLE';
    if (isGritError(error) || !missing) return known;
    return raise('GRIT_IMAGE_PART_MISSING', 'it is gone', this.store.path, this.#action(part), error);
  }
}
