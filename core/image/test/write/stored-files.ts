// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  ImageStorageReader,
  ImageStorageWriter,
  KeyProvider,
  PutOptions,
  StorageProvider,
} from '@grit/plugin-api';

/** How a {@link StoredFiles} behaves. */
export interface StoredFilesOptions {
  /** Bytes that a stream gives at a time. Default 64 KiB. */
  readonly chunk?: number;
  /** Offers `localPath`. */
  readonly local?: boolean;
}

/** A store of one image in a plain directory, with no care at all: what it is given to damage, the image package must notice. */
export class StoredFiles implements StorageProvider, ImageStorageWriter, ImageStorageReader {
  bytes: Uint8Array | undefined;
  aborted = 0;
  keys?: KeyProvider;
  readonly localPath?: (name: string) => Promise<string>;

  constructor(
    readonly directory: string,
    readonly options: StoredFilesOptions = {},
  ) {
    if (options.local === true) this.localPath = async (name) => this.path(name);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async put(name: string, data: AsyncIterable<Uint8Array>, _options: PutOptions): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of data) chunks.push(chunk);
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), Buffer.concat(chunks));
  }

  async commit(manifest: Uint8Array): Promise<void> {
    this.bytes = manifest;
  }

  async abort(): Promise<void> {
    this.aborted += 1;
  }

  async manifest(): Promise<Uint8Array> {
    return this.bytes!;
  }

  async size(name: string): Promise<number> {
    return (await readFile(this.path(name))).length;
  }

  async *read(name: string, { start, end }: { start: number; end: number }): AsyncGenerator<Uint8Array, void> {
    const bytes = (await readFile(this.path(name))).subarray(start, end);
    const { chunk = 64 * 1024 } = this.options;
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }

  async check(): Promise<void> {
    // Always fine.
  }

  async begin(): Promise<ImageStorageWriter> {
    return this;
  }

  async open(): Promise<ImageStorageReader> {
    return this;
  }

  async *list(): AsyncGenerator<never, void> {
    // Not asked for.
  }

  async delete(): Promise<void> {
    // Not asked for.
  }
}
