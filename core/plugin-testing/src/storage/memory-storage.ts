// SPDX-License-Identifier: Apache-2.0
import { checkImageId, throwIfAborted, untilAborted } from '@grit/image';
import {
  GritError,
  checkPartName,
  type CollectOptions,
  type Collected,
  type ErrorCode,
  type ImageStorageReader,
  type ImageStorageWriter,
  type PutOptions,
  type StorageProvider,
  type StoredImage,
} from '@grit/plugin-api';

const DAY_MS = 86_400_000;
const CHUNK_BYTES = 256 * 1024;

/** A committed image in memory; a test may damage it. */
export interface MemoryImage {
  manifest: Uint8Array | undefined;
  readonly objects: Map<string, Uint8Array>;
  readonly committedAt: number;
}

/** Options of {@link MemoryStorage}. */
export interface MemoryStorageOptions {
  /** The images; two providers with one map are two nodes with one store. */
  readonly images?: Map<string, MemoryImage> | undefined;
  /** Bytes of all objects, written or being written by this provider, before it is full. */
  readonly capacity?: number | undefined;
}

/** What is being written to a map of images, whoever writes. */
interface Writing {
  /** The last one that has begun an image. */
  readonly writers: Map<string, MemoryWriter>;
  /** By image and name. */
  readonly adopted: Map<string, Map<string, Uint8Array>>;
}

const WRITING = new WeakMap<Map<string, MemoryImage>, Writing>();

/** A store in memory, for tests: one that has no directory for its writers, but shares objects. */
export class MemoryStorage implements StorageProvider {
  readonly images: Map<string, MemoryImage>;
  readonly #capacity: number;
  readonly #writing: Writing;

  constructor({ images, capacity }: MemoryStorageOptions = {}) {
    this.images = images ?? new Map<string, MemoryImage>();
    this.#capacity = capacity ?? Number.POSITIVE_INFINITY;
    this.#writing = WRITING.get(this.images) ?? { writers: new Map(), adopted: new Map() };
    WRITING.set(this.images, this.#writing);
  }

  async check(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.takeRoom(0);
  }

  async begin(id: string, signal: AbortSignal): Promise<ImageStorageWriter> {
    throwIfAborted(signal);
    const writer = new MemoryWriter(this, checkImageId(id));
    this.#writing.writers.set(id, writer);
    return writer;
  }

  async open(id: string, signal: AbortSignal): Promise<ImageStorageReader> {
    throwIfAborted(signal);
    const image = this.images.get(checkImageId(id));
    if (image === undefined) throw failure('GRIT_CHECKPOINT_NOT_FOUND', id, undefined, 'is not in the store');
    const reader = new MemoryReader(id, image);
    await reader.manifest(signal);
    return reader;
  }

  async *list(signal: AbortSignal): AsyncGenerator<StoredImage, void> {
    throwIfAborted(signal);
    for (const [id, { manifest, objects, committedAt }] of [...this.images]) {
      if (manifest !== undefined) yield { id, size: sizeOf(objects), committedAt };
    }
  }

  async delete(id: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.images.delete(checkImageId(id));
    this.#writing.writers.delete(id);
    this.#writing.adopted.delete(id);
  }

  async replaceManifest(
    id: string,
    { expected, manifest }: { readonly expected: Uint8Array; readonly manifest: Uint8Array },
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    const image = this.images.get(checkImageId(id));
    const found = image?.manifest;
    if (!image || !found) throw failure('GRIT_CHECKPOINT_NOT_FOUND', id, undefined, 'is not in the store');
    if (![expected, manifest].some((known) => Buffer.compare(found, known) === 0)) {
      throw failure('GRIT_IDEMPOTENCY_CONFLICT', id, undefined, 'has another manifest');
    }
    image.manifest = manifest.slice();
  }

  /** Only writers leave anything: a deleted image is gone at once. */
  async collect({ signal, graceMs = DAY_MS, dryRun = false, onGarbage }: CollectOptions): Promise<Collected> {
    throwIfAborted(signal);
    const used = { objects: 0, bytes: 0 };
    const removed = { objects: 0, bytes: 0 };
    const add = (sum: { objects: number; bytes: number }, sizes: readonly number[]): void => {
      sum.objects += sizes.length;
      for (const size of sizes) sum.bytes += size;
    };
    const now = Date.now();
    for (const [id, { manifest, objects, committedAt }] of this.images) {
      if (manifest !== undefined)
        add(
          used,
          [...objects.values()].map(({ length }) => length),
        );
      else {
        const ageMs = Math.max(0, now - committedAt);
        onGarbage?.({ key: id, image: id, size: sizeOf(objects), ageMs, why: 'unknown', then: 'left' });
      }
    }
    for (const [id, writer] of [...this.#writing.writers]) {
      const ageMs = Math.max(0, now - writer.touchedAt);
      add(ageMs > graceMs ? removed : used, writer.sizes);
      if (ageMs <= graceMs) continue;
      onGarbage?.({ key: `writing/${id}`, image: id, size: writer.size, ageMs, why: 'abandoned', then: 'removed' });
      if (dryRun) continue;
      writer.fenced = true;
      await writer.abort();
    }
    return { used, removed, waiting: { objects: 0, bytes: 0 } };
  }

  /** Throws GRIT_STORAGE_FULL when so many bytes more have no room. */
  takeRoom(bytes: number): void {
    const stored = [...this.images.values()].reduce((sum, { objects }) => sum + sizeOf(objects), 0);
    const writing = [...this.#writing.writers.values()].reduce((sum, writer) => sum + writer.size, 0);
    if (stored + writing + bytes <= this.#capacity) return;
    throw new GritError('GRIT_STORAGE_FULL', `the store has room for ${this.#capacity} bytes`);
  }

  /** Ends a writer, unless another has taken its place. */
  ended(id: string, writer: MemoryWriter): void {
    if (this.#writing.writers.get(id) !== writer) return;
    this.#writing.writers.delete(id);
    this.#writing.adopted.delete(id);
  }

  /** What the image has adopted. Throws GRIT_STEP_FENCED for a writer that was overtaken. */
  adopted(id: string, writer: MemoryWriter): Map<string, Uint8Array> {
    if (this.#writing.writers.get(id) !== writer) {
      throw failure('GRIT_STEP_FENCED', id, undefined, 'was deleted, or begun anew by another writer');
    }
    const adopted = this.#writing.adopted.get(id) ?? new Map<string, Uint8Array>();
    this.#writing.adopted.set(id, adopted);
    return adopted;
  }
}

class MemoryWriter implements ImageStorageWriter {
  readonly #objects = new Map<string, Uint8Array>();
  size = 0;
  touchedAt = Date.now();
  /** Taken for dead, and cleared away. */
  fenced = false;

  constructor(
    readonly provider: MemoryStorage,
    readonly id: string,
  ) {}

  get sizes(): readonly number[] {
    return [...this.#objects.values()].map(({ length }) => length);
  }

  async put(name: string, data: AsyncIterable<Uint8Array>, { signal, onBytes }: PutOptions): Promise<void> {
    throwIfAborted(signal);
    checkPartName(name);
    this.#touch();
    if (this.provider.images.has(this.id)) return;
    const chunks: Uint8Array[] = [];
    for await (const chunk of untilAborted(data, signal)) {
      this.provider.takeRoom(chunk.length);
      this.size += chunk.length;
      chunks.push(chunk.slice());
      onBytes?.(chunk.length);
    }
    this.size -= this.#objects.get(name)?.length ?? 0;
    this.#objects.set(name, Buffer.concat(chunks));
  }

  async adopt(image: string, names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    throwIfAborted(signal);
    const found = this.provider.images.get(checkImageId(image));
    for (const name of names) checkPartName(name);
    const adopted = this.provider.adopted(this.id, this);
    return names.filter((name) => {
      const object = found?.manifest && found.objects.get(name);
      if (object !== undefined) adopted.set(name, object);
      return object !== undefined;
    });
  }

  async putAdopted(name: string, signal: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    checkPartName(name);
    if (this.provider.images.has(this.id)) return true;
    const object = this.provider.adopted(this.id, this).get(name);
    if (object === undefined) return false;
    this.size += object.length - (this.#objects.get(name)?.length ?? 0);
    this.#objects.set(name, object);
    return true;
  }

  async commit(manifest: Uint8Array, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.#touch();
    const known = this.provider.images.get(this.id);
    if (known === undefined) {
      const objects = new Map(this.#objects);
      this.provider.images.set(this.id, { manifest: manifest.slice(), objects, committedAt: Date.now() });
      this.provider.ended(this.id, this);
    } else if (known.manifest === undefined || Buffer.compare(known.manifest, manifest) !== 0) {
      throw failure('GRIT_IDEMPOTENCY_CONFLICT', this.id, undefined, 'was committed with another manifest');
    }
  }

  async abort(): Promise<void> {
    this.#objects.clear();
    this.size = 0;
    this.provider.ended(this.id, this);
  }

  #touch(): void {
    if (this.fenced) throw failure('GRIT_STEP_FENCED', this.id, undefined, 'was taken for abandoned');
    this.touchedAt = Date.now();
  }
}

class MemoryReader implements ImageStorageReader {
  constructor(
    readonly id: string,
    readonly image: MemoryImage,
  ) {}

  async manifest(signal: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    if (this.image.manifest) return this.image.manifest.slice();
    throw failure('GRIT_IMAGE_MANIFEST_MISSING', this.id, 'manifest.json', 'is missing');
  }

  async size(name: string, signal: AbortSignal): Promise<number> {
    throwIfAborted(signal);
    return this.#object(name).length;
  }

  async *read(
    name: string,
    { start, end }: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    const range = this.#range(name, start, end);
    for (let at = 0; at < range.length; at += CHUNK_BYTES) {
      throwIfAborted(signal);
      yield range.slice(at, at + CHUNK_BYTES);
    }
  }

  async readInto(
    name: string,
    { start, end }: { readonly start: number; readonly end: number },
    target: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    target.set(this.#range(name, start, end));
  }

  #range(name: string, start: number, end: number): Uint8Array {
    const object = this.#object(name);
    if (object.length >= end) return object.subarray(start, end);
    throw failure('GRIT_IMAGE_PART_TRUNCATED', this.id, name, `ends at ${object.length}, before ${end}`);
  }

  #object(name: string): Uint8Array {
    const object = this.image.objects.get(checkPartName(name));
    if (object) return object;
    throw failure('GRIT_IMAGE_PART_MISSING', this.id, name, 'is missing');
  }
}

function sizeOf(objects: ReadonlyMap<string, Uint8Array>): number {
  return [...objects.values()].reduce((sum, { length }) => sum + length, 0);
}

function failure(code: ErrorCode, checkpoint: string, part: string | undefined, what: string): GritError {
  return new GritError(code, `${part ? `part ${part} of ` : ''}checkpoint ${checkpoint} ${what}`, {
    details: { checkpoint, ...(part && { part }) },
  });
}
