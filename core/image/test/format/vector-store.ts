// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import {
  GritError,
  type ImageStorageReader,
  type ImageStorageWriter,
  type KeyProvider,
  type StorageProvider,
} from '@grit/plugin-api';

/** A store of one image whose objects are in memory; where a directory has them too, they may be read there directly. */
export class VectorStore implements StorageProvider, ImageStorageReader {
  readonly localPath?: (name: string) => Promise<string>;

  constructor(
    readonly objects: ReadonlyMap<string, Buffer>,
    directory?: string,
    readonly keys?: KeyProvider,
  ) {
    if (directory !== undefined) this.localPath = async (name) => join(directory, name);
  }

  async open(): Promise<ImageStorageReader> {
    return this;
  }

  async manifest(): Promise<Uint8Array> {
    const bytes = this.objects.get('manifest.json');
    if (bytes === undefined) throw new GritError('GRIT_IMAGE_MANIFEST_MISSING', 'no manifest');
    return bytes;
  }

  async size(name: string): Promise<number> {
    return this.#object(name).length;
  }

  async *read(name: string, { start, end }: { start: number; end: number }): AsyncGenerator<Uint8Array, void> {
    const bytes = this.#object(name);
    if (bytes.length < end) throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `${name} ends at ${bytes.length}`);
    // Streams give pieces of any size.
    for (let at = start; at < end; at += 1000) yield Buffer.from(bytes.subarray(at, Math.min(at + 1000, end)));
  }

  async begin(): Promise<ImageStorageWriter> {
    throw new Error('read only');
  }

  async check(): Promise<void> {
    // Always fine.
  }

  async *list(): AsyncGenerator<never, void> {
    // Not asked for.
  }

  async delete(): Promise<void> {
    // Not asked for.
  }

  #object(name: string): Buffer {
    const bytes = this.objects.get(name);
    if (bytes === undefined) throw new GritError('GRIT_IMAGE_PART_MISSING', `no ${name}`);
    return bytes;
  }
}
