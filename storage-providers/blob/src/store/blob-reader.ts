// SPDX-License-Identifier: Apache-2.0
import { throwIfAborted } from '@grit/image';
import { checkPartName, type ImageStorageReader } from '@grit/plugin-api';
import type { ByteRange, ObjectStore } from '../object-store.js';
import type { RecordedObject, RecordedObjects } from './record.js';
import { naming, raise } from './storage-error.js';

const CHUNK_BYTES = 1024 * 1024;

/** Reads a committed image as its record was when it was opened. */
export class BlobReader implements ImageStorageReader {
  readonly parallelReads: number;

  constructor(
    readonly objects: ObjectStore,
    readonly id: string,
    readonly image: { readonly objects: RecordedObjects; readonly manifest: Uint8Array },
  ) {
    this.parallelReads = objects.parallelReads;
  }

  async manifest(signal: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    return this.image.manifest.slice();
  }

  async size(name: string, signal: AbortSignal): Promise<number> {
    const { key } = this.#object(name);
    throwIfAborted(signal);
    const found = await this.objects.head(key, signal);
    if (found !== undefined) return found.size;
    throw this.#missing(name, 'it is gone');
  }

  async *read(name: string, { start, end }: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    for (let at = start; at < end; at += CHUNK_BYTES) {
      const range = { start: at, end: Math.min(end, at + CHUNK_BYTES) };
      const chunk = Buffer.allocUnsafeSlow(range.end - range.start);
      await this.readInto(name, range, chunk, signal);
      yield chunk;
    }
  }

  async readInto(name: string, range: ByteRange, target: Uint8Array, signal: AbortSignal): Promise<void> {
    const { key } = this.#object(name);
    throwIfAborted(signal);
    if (range.start >= range.end) return;
    try {
      await this.objects.readInto(key, range, target, signal);
    } catch (error) {
      throw naming(error, this.objects.label, { checkpoint: this.id, part: name });
    }
  }

  #object(name: string): RecordedObject {
    const object = this.image.objects.get(checkPartName(name));
    if (object !== undefined) return object;
    throw this.#missing(name, 'the image has no such part');
  }

  #missing(part: string, what: string): Error {
    return raise('GRIT_IMAGE_PART_MISSING', what, this.objects.label, { checkpoint: this.id, part });
  }
}
