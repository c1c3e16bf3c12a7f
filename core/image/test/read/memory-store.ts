// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  GritError,
  type ImageStorageReader,
  type ImageStorageWriter,
  type KeyProvider,
  type StorageProvider,
} from '@grit/plugin-api';

/** A store of one image whose objects lie in memory, where a test can damage them. It checks nothing but what its contract says. */
export class MemoryStore implements StorageProvider, ImageStorageWriter, ImageStorageReader {
  readonly objects = new Map<string, Buffer>();
  committed: Buffer | undefined;
  /** Bytes that a stream gives at a time. */
  piece = 64 * 1024;
  localPath?: (name: string) => Promise<string | undefined>;
  keys?: KeyProvider;

  /** Writes the objects out and reads them from there. */
  async makeLocal(directory: string): Promise<void> {
    for (const [name, bytes] of this.objects) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), bytes);
    }
    this.localPath = async (name) => join(directory, name);
  }

  async put(name: string, data: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of data) pieces.push(Uint8Array.from(piece));
    this.objects.set(name, Buffer.concat(pieces));
  }

  async commit(manifest: Uint8Array): Promise<void> {
    this.committed = Buffer.from(manifest);
  }

  async abort(): Promise<void> {
    this.objects.clear();
  }

  async manifest(): Promise<Uint8Array> {
    if (this.committed !== undefined) return this.committed;
    throw new GritError('GRIT_IMAGE_MANIFEST_MISSING', 'nothing was committed');
  }

  async size(name: string): Promise<number> {
    return this.object(name).length;
  }

  async *read(name: string, { start, end }: { start: number; end: number }): AsyncGenerator<Uint8Array, void> {
    const bytes = this.object(name).subarray(start, end);
    for (let at = 0; at < bytes.length; at += this.piece) yield bytes.subarray(at, at + this.piece);
    if (bytes.length < end - start) {
      throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `${name} ends before ${end}`, { details: { part: name } });
    }
  }

  object(name: string): Buffer {
    const bytes = this.objects.get(name);
    if (bytes !== undefined) return bytes;
    throw new GritError('GRIT_IMAGE_PART_MISSING', `${name} is gone`, { details: { part: name } });
  }

  /** The objects that are packs, the largest first. */
  packs(): string[] {
    const names = [...this.objects.keys()].filter((name) => name.startsWith('packs/'));
    return names.sort((a, b) => this.object(b).length - this.object(a).length);
  }

  async replaceManifest(
    _id: string,
    { expected, manifest }: { readonly expected: Uint8Array; readonly manifest: Uint8Array },
  ): Promise<void> {
    if (this.committed?.equals(expected) !== true) throw new GritError('GRIT_IDEMPOTENCY_CONFLICT', 'another manifest');
    this.committed = Buffer.from(manifest);
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
    this.objects.clear();
  }
}
