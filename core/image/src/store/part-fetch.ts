// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { copyFile, link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GritError, isGritError } from '@grit/plugin-api';
import { openLocal } from '../digest/open-local.js';
import type { ManifestPart } from '../manifest/image-manifest.js';
import type { FetchOptions, PartCallOptions } from './image-reader.js';
import type { StoredImageReader } from './stored-image-reader.js';

/** Brings one part to a local path, by the cheapest way that works. */
export class PartFetch {
  /** No name of a part begins with a dot, so this is nobody's. */
  readonly #temporary: string;

  constructor(
    readonly reader: StoredImageReader,
    readonly part: ManifestPart,
    readonly path: string,
    readonly options: PartCallOptions & FetchOptions,
  ) {
    this.#temporary = join(dirname(path), `.${basename(path)}.partial`);
  }

  async run(): Promise<void> {
    try {
      if (await this.#kept()) return;
      await rm(this.#temporary, { force: true });
      const stored = await this.reader.storage.localPath?.(this.part.name, this.options.signal);
      if (stored === undefined) await this.#stream();
      else if (!(await this.#shared(stored))) await this.#copy(stored);
      await rename(this.#temporary, this.path);
    } catch (error) {
      await rm(this.#temporary, { force: true }).catch(() => undefined);
      throw localWriteError(error, this.path);
    }
  }

  /** True when the file is there already, with the right bytes. */
  async #kept(): Promise<boolean> {
    const stat = await lstat(this.path).catch(() => undefined);
    if (stat?.isFile() !== true || stat.size !== this.part.size) return false;
    let seen = 0;
    const count = (bytes: number): void => {
      seen += bytes;
      this.options.onBytes?.(bytes);
    };
    try {
      await using file = await openLocal(this.path);
      await this.reader.checkFile(this.part, file, { signal: this.options.signal, onBytes: count });
      return true;
    } catch (error) {
      if (!isGritError(error) || !error.code.startsWith('GRIT_IMAGE_PART_')) throw error;
      this.options.onBytes?.(-seen);
      return false;
    }
  }

  /** A link or a copy that shares its blocks with the store's; then it is checked where it is. */
  async #shared(stored: string): Promise<boolean> {
    const linked = this.options.link === true && (await works(link(stored, this.#temporary)));
    const flags = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
    if (!linked && !(await works(copyFile(stored, this.#temporary, flags)))) {
      await rm(this.#temporary, { force: true });
      return false;
    }
    await using file = await openLocal(this.#temporary);
    await this.reader.checkFile(this.part, file, this.options);
    if (!linked) await this.#flush(file);
    return true;
  }

  async #copy(stored: string): Promise<void> {
    await using source = await openLocal(stored);
    await using target = await open(this.#temporary, 'wx', 0o600);
    await this.reader.checkFile(this.part, source, this.options, (bytes, at) => writeFully(target, bytes, at));
    await this.#flush(target);
  }

  async #stream(): Promise<void> {
    const { name, size } = this.part;
    await using target = await open(this.#temporary, 'wx', 0o600);
    let at = 0;
    for await (const bytes of this.reader.read(name, { start: 0, end: size }, this.options.signal)) {
      await writeFully(target, bytes, at);
      at += bytes.length;
      this.options.onBytes?.(bytes.length);
    }
    await this.#flush(target);
  }

  async #flush(file: FileHandle): Promise<void> {
    if (this.options.durable !== false) await file.datasync();
  }
}

async function works(call: Promise<void>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}

async function writeFully(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

function localWriteError(error: unknown, path: string): unknown {
  if (isGritError(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new GritError(full ? 'GRIT_NODE_STORAGE_FULL' : 'GRIT_STORAGE_IO', `${path} cannot be written: ${message}`, {
    ...(full ? {} : { hint: 'Check the state directory of the node.' }),
    cause: error,
  });
}
