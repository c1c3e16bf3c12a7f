// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises';
import { GritError, toGritError, type ImageStorageReader } from '@grit/plugin-api';
import { damaged, namingPart } from '../damage.js';
import { BLOCK_BYTES, DIGEST_BYTES, digestBlock } from '../digest/block-digest.js';
import { eachBlock } from '../digest/each-block.js';
import { openLocal } from '../digest/open-local.js';
import type { ImageManifest, ManifestPart } from '../manifest/image-manifest.js';
import { blocksOf } from '../stream/blocks-of.js';
import { abortError, untilAborted } from '../stream/until-aborted.js';
import { PartFetch } from './part-fetch.js';
import type { FetchOptions, ImageReader, PartCallOptions } from './image-reader.js';

interface KnownPart extends ManifestPart {
  readonly digests: Buffer;
}

/** Reads an image whose parts are stored as objects of the same name. */
export class StoredImageReader implements ImageReader {
  readonly size: number;
  readonly #parts: ReadonlyMap<string, KnownPart>;

  constructor(
    readonly storage: ImageStorageReader,
    readonly manifest: ImageManifest,
    readonly digest: string,
  ) {
    this.#parts = new Map(
      manifest.parts.map((part) => [part.name, { ...part, digests: Buffer.from(part.blocks, 'base64') }]),
    );
    this.size = manifest.parts.reduce((sum, { size }) => sum + size, 0);
  }

  async *read(
    name: string,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    const part = this.#part(name);
    checkRange(range, part);
    const { start, end } = range;
    if (start === end) return;
    const from = start - (start % BLOCK_BYTES);
    const to = Math.min(part.size, Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES);
    let offset = from;
    try {
      const bytes = untilAborted(this.storage.read(name, { start: from, end: to }, signal), signal);
      for await (const block of blocksOf(bytes, to - from)) {
        await this.checkBlock(part, block, offset / BLOCK_BYTES);
        yield block.subarray(Math.max(0, start - offset), Math.min(block.length, end - offset));
        offset += block.length;
      }
    } catch (error) {
      throw this.#named(error, name, signal);
    }
    if (offset < to) throw this.#truncated(part, offset);
  }

  async verifyPart(name: string, options: PartCallOptions): Promise<void> {
    const part = this.#part(name);
    const { signal, onBytes } = options;
    try {
      const path = await this.storage.localPath?.(name, signal);
      if (path !== undefined) {
        await using file = await openLocal(path);
        await this.checkFile(part, file, options);
        return;
      }
      const size = await this.storage.size(name, signal);
      if (size !== part.size) throw this.#truncated(part, size);
      for await (const bytes of this.read(name, { start: 0, end: part.size }, signal)) onBytes?.(bytes.length);
    } catch (error) {
      throw this.#named(error, name, signal);
    }
  }

  async fetchPart(name: string, path: string, options: PartCallOptions & FetchOptions): Promise<void> {
    const part = this.#part(name);
    try {
      await new PartFetch(this, part, path, options).run();
    } catch (error) {
      throw this.#named(error, name, options.signal);
    }
  }

  /** Checks every block of an open file; `use` gets each after its check. */
  async checkFile(
    part: ManifestPart,
    file: FileHandle,
    { signal, onBytes }: PartCallOptions,
    use?: (bytes: Buffer, offset: number) => Promise<void>,
  ): Promise<void> {
    const { size } = await file.stat();
    if (size !== part.size) throw this.#truncated(part, size);
    await eachBlock(file, part.size, signal, async ({ index, offset, bytes, expected }) => {
      if (bytes.length < expected) throw this.#truncated(part, offset + bytes.length);
      await this.checkBlock(part, bytes, index);
      await use?.(bytes, offset);
      onBytes?.(bytes.length);
    });
  }

  async checkBlock(part: ManifestPart, block: Buffer<ArrayBuffer>, index: number): Promise<void> {
    const at = index * DIGEST_BYTES;
    const expected = this.#part(part.name).digests.subarray(at, at + DIGEST_BYTES);
    if (expected.equals(await digestBlock(block))) return;
    const offset = index * BLOCK_BYTES;
    const what = `does not have the bytes that were stored, between ${offset} and ${offset + block.length}`;
    throw damaged('GRIT_IMAGE_PART_CORRUPT', part.name, this.manifest.checkpoint, what, { offset });
  }

  #part(name: string): KnownPart {
    const part = this.#parts.get(name);
    if (part !== undefined) return part;
    throw damaged('GRIT_IMAGE_PART_MISSING', name, this.manifest.checkpoint, 'is not in the manifest');
  }

  #truncated(part: ManifestPart, found: number): GritError {
    const what = `has ${found} bytes, not ${part.size}`;
    return damaged('GRIT_IMAGE_PART_TRUNCATED', part.name, this.manifest.checkpoint, what, {
      expected: part.size,
      found,
    });
  }

  #named(error: unknown, part: string, signal: AbortSignal): unknown {
    return signal.aborted ? abortError(signal) : namingPart(toGritError(error, 'GRIT_STORAGE_IO'), part);
  }
}

function checkRange({ start, end }: { readonly start: number; readonly end: number }, part: ManifestPart): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end && end <= part.size)
    return;
  throw new GritError('GRIT_REQUEST_INVALID', `part ${part.name} of ${part.size} bytes has no range ${start}-${end}`, {
    details: { part: part.name },
  });
}
