// SPDX-License-Identifier: Apache-2.0
import { checkImageId, throwIfAborted } from '@grit/image';
import type {
  CollectOptions,
  Collected,
  ImageStorageReader,
  ImageStorageWriter,
  StorageProvider,
  StoredImage,
} from '@grit/plugin-api';
import { collect } from '../collect/collect.js';
import type { ObjectStore } from '../object-store.js';
import { beginWriting } from './begin-writing.js';
import { BlobReader } from './blob-reader.js';
import { BlobWriter } from './blob-writer.js';
import { CommittedWriter } from './committed-writer.js';
import { deleteImage } from './delete-image.js';
import { readRecord } from './record-file.js';
import { sizeOf } from './record.js';
import { replaceManifest } from './replace-manifest.js';
import { raise } from './storage-error.js';
import { ensureMarker, hasMarker } from './store-marker.js';
import { readRecords } from './stored-records.js';

/** Options of the store. */
export interface BlobStorageOptions {
  /** Called when the store is used for the first time, again where it failed. */
  readonly open: () => Promise<ObjectStore>;
  /** Milliseconds since the epoch; for tests. */
  readonly now?: (() => number) | undefined;
}

/** Images in an object store. */
export class BlobStorage implements StorageProvider {
  readonly #open: () => Promise<ObjectStore>;
  readonly #now: () => number;
  #opened: Promise<ObjectStore> | undefined;
  #marked = false;

  constructor({ open, now = Date.now }: BlobStorageOptions) {
    this.#open = open;
    this.#now = now;
  }

  async check(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const objects = await this.#objects();
    await objects.check(signal);
    await ensureMarker(objects, signal);
  }

  async begin(id: string, signal: AbortSignal): Promise<ImageStorageWriter> {
    checkImageId(id);
    throwIfAborted(signal);
    const objects = await this.#objects();
    if (!this.#marked) await ensureMarker(objects, signal);
    this.#marked = true;
    const begun = await beginWriting(objects, id, this.#now, signal);
    return begun === undefined ? new CommittedWriter(objects, id) : new BlobWriter(objects, id, begun);
  }

  async open(id: string, signal: AbortSignal): Promise<ImageStorageReader> {
    checkImageId(id);
    throwIfAborted(signal);
    const objects = await this.#known(signal);
    const { record, etag } = await readRecord(objects, id, signal);
    if (record === undefined && etag !== undefined) {
      const what = 'its record is damaged, or of another version';
      throw raise('GRIT_IMAGE_MANIFEST_INVALID', what, objects.label, { checkpoint: id, part: 'manifest.json' });
    }
    if (record?.state !== 'committed') {
      throw raise('GRIT_CHECKPOINT_NOT_FOUND', 'there is no such checkpoint', objects.label, { checkpoint: id });
    }
    const { manifest, objects: parts } = record;
    if (manifest !== undefined) return new BlobReader(objects, id, { objects: parts, manifest });
    const what = 'its record was cut, and has no manifest any more';
    throw raise('GRIT_IMAGE_MANIFEST_MISSING', what, objects.label, { checkpoint: id, part: 'manifest.json' });
  }

  async *list(signal: AbortSignal): AsyncGenerator<StoredImage, void> {
    throwIfAborted(signal);
    for await (const { id, record } of readRecords(await this.#known(signal), signal)) {
      if (record?.state !== 'committed' || record.manifest === undefined) continue;
      yield { id, size: sizeOf(record.objects), committedAt: record.committedAt };
    }
  }

  async delete(id: string, signal: AbortSignal): Promise<void> {
    checkImageId(id);
    throwIfAborted(signal);
    await deleteImage(await this.#known(signal), id, this.#now, signal);
  }

  async collect(options: CollectOptions): Promise<Collected> {
    throwIfAborted(options.signal);
    return collect(await this.#known(options.signal), { ...options, now: this.#now });
  }

  async replaceManifest(
    id: string,
    manifests: { readonly expected: Uint8Array; readonly manifest: Uint8Array },
    signal: AbortSignal,
  ): Promise<void> {
    checkImageId(id);
    throwIfAborted(signal);
    await replaceManifest(await this.#known(signal), id, manifests, signal);
  }

  /** A store of a format that this version knows, or one where nothing was ever written. */
  async #known(signal: AbortSignal): Promise<ObjectStore> {
    const objects = await this.#objects();
    if (!this.#marked) this.#marked = await hasMarker(objects, signal);
    return objects;
  }

  async #objects(): Promise<ObjectStore> {
    const opened = (this.#opened ??= this.#open());
    try {
      return await opened;
    } catch (error) {
      if (this.#opened === opened) this.#opened = undefined;
      throw error;
    }
  }
}
