// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  checkName,
  checkPartName,
  type ImageStorageReader,
  type ImageStorageWriter,
  type StorageProvider,
  type StoredImage,
} from '@grit/plugin-api';

interface MemoryImage {
  readonly objects: Map<string, Uint8Array>;
  manifest: Uint8Array | undefined;
  committedAt: number;
}

/** Images in the memory of this process. */
export class MemoryStorage implements StorageProvider {
  readonly #images = new Map<string, MemoryImage>();

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  async begin(id: string, signal: AbortSignal): Promise<ImageStorageWriter> {
    signal.throwIfAborted();
    const image = this.#images.get(checkName(id, 'id')) ?? { objects: new Map(), manifest: undefined, committedAt: 0 };
    this.#images.set(id, image);
    return {
      put: async (name, data, options) => {
        checkPartName(name);
        if (image.manifest) return;
        const chunks: Uint8Array[] = [];
        for await (const chunk of data) {
          options.signal.throwIfAborted();
          chunks.push(Uint8Array.from(chunk));
          options.onBytes?.(chunk.length);
        }
        image.objects.set(name, Buffer.concat(chunks));
      },
      commit: async (manifest, given) => {
        given.throwIfAborted();
        if (image.manifest && !Buffer.from(image.manifest).equals(manifest)) {
          throw new GritError('GRIT_IDEMPOTENCY_CONFLICT', `image ${id} was committed with another manifest`);
        }
        image.manifest ??= Uint8Array.from(manifest);
        image.committedAt ||= Date.now();
      },
      abort: async () => {
        if (image.manifest === undefined && this.#images.get(id) === image) this.#images.delete(id);
      },
    };
  }

  async open(id: string, signal: AbortSignal): Promise<ImageStorageReader> {
    signal.throwIfAborted();
    const image = this.#images.get(checkName(id, 'id'));
    const { manifest, objects } = image ?? {};
    if (manifest === undefined || objects === undefined) {
      throw new GritError('GRIT_CHECKPOINT_NOT_FOUND', `there is no image ${id}`);
    }
    const find = (name: string): Uint8Array => {
      const found = objects.get(checkPartName(name));
      if (found) return found;
      throw new GritError('GRIT_IMAGE_PART_MISSING', `image ${id} has no ${name}`, { details: { part: name } });
    };
    return {
      manifest: async () => manifest,
      size: async (name) => find(name).length,
      async *read(name, { start, end }, given) {
        given.throwIfAborted();
        if (end > find(name).length) {
          throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `${name} ends before ${end}`, { details: { part: name } });
        }
        yield find(name).subarray(start, end);
      },
    };
  }

  async *list(signal: AbortSignal): AsyncGenerator<StoredImage, void> {
    for (const [id, { manifest, objects, committedAt }] of this.#images) {
      signal.throwIfAborted();
      const size = [...objects.values()].reduce((sum, bytes) => sum + bytes.length, 0);
      if (manifest !== undefined) yield { id, size, committedAt };
    }
  }

  async delete(id: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#images.delete(id);
  }
}
