// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { firstAnswer } from '../first-answer.js';
import type { ByteRange, Condition, ObjectStore, StoredObject, UploadOptions, UploadSource } from '../object-store.js';
import { proveConditions } from '../prove-conditions.js';
import { putOnCondition } from '../put-on-condition.js';
import { readNothing } from '../read-range.js';
import { unlessRefused } from '../refused.js';
import type { AzureAccess } from './azure-access.js';
import type { BlockSizes } from './block-sizes.js';
import { BlobDeleter } from './delete-blobs.js';
import { listBlobs } from './list-blobs.js';
import { ABSENT, readBlobRange, readWhole } from './read-blob.js';
import { putBlob, uploadSource, uploadStream } from './upload-blob.js';

/** Answers to a write whose condition does not hold; the last one where there is nothing that could have an etag. */
const UNMET = ['ConditionNotMet', 'TargetConditionNotMet', 'BlobAlreadyExists', 'BlobNotFound'];

export interface AzureStoreSettings {
  readonly sizes: BlockSizes;
  readonly parallelReads: number;
  /** Blobs of a page of a list. */
  readonly pageSize: number;
}

/** Blobs of a container below a prefix. */
export class AzureStore implements ObjectStore {
  readonly label: string;
  readonly parallelReads: number;
  readonly #deleter: BlobDeleter;

  constructor(
    private readonly access: AzureAccess,
    private readonly container: ContainerClient,
    private readonly settings: AzureStoreSettings,
  ) {
    this.label = access.place.label;
    this.parallelReads = settings.parallelReads;
    this.#deleter = new BlobDeleter(access, container);
  }

  async get(
    key: string,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
    return readWhole(this.access, key, signal);
  }

  async put(
    key: string,
    bytes: Uint8Array,
    { condition, signal }: { readonly condition?: Condition | undefined; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    const payload = { body: bytes, size: bytes.length };
    if (condition === undefined) return putBlob(this.access, key, payload, { signal });
    const headers = {
      ...(condition.etag === undefined ? { 'if-none-match': '*' } : { 'if-match': condition.etag }),
      // What decides about images is small, and must arrive as it was sent.
      'content-md5': createHash('md5').update(bytes).digest('base64'),
    };
    return putOnCondition(this, { key, bytes, unmet: UNMET, signal }, (onLost) =>
      putBlob(this.access, key, payload, { signal, headers, expected: UNMET, onLost }),
    );
  }

  async head(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const { access } = this;
    return unlessRefused(ABSENT, async () => {
      const { headers } = await access.exchange({ what: `find ${key}`, signal, expected: ABSENT }, () => ({
        method: 'HEAD',
        path: access.pathOf(key),
      }));
      return {
        key,
        size: Number(headers.get('content-length')),
        modifiedAt: Date.parse(headers.get('last-modified') ?? ''),
        etag: headers.get('etag') ?? '',
      };
    });
  }

  async readInto(key: string, range: ByteRange, target: Uint8Array, signal: AbortSignal): Promise<void> {
    if (range.end > range.start) return readBlobRange(this.access, key, range, target, signal);
    return readNothing(this, key, range, signal);
  }

  async upload(key: string, source: UploadSource, options: UploadOptions): Promise<void> {
    await uploadSource(this.#place(), key, source, options);
  }

  async uploadStream(key: string, data: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<number> {
    return uploadStream(this.#place(), key, data, options);
  }

  list(prefix: string, signal: AbortSignal): AsyncIterable<StoredObject> {
    const { access, container, settings } = this;
    return listBlobs({ access, container }, prefix, { signal, pageSize: settings.pageSize });
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#deleter.delete(keys, signal);
  }

  async deleteIf(key: string, etag: string, signal: AbortSignal): Promise<boolean> {
    return this.#deleter.deleteIf(key, etag, signal);
  }

  async check(signal: AbortSignal): Promise<void> {
    // Before anything is written: a wrong account, container or key is said best to this.
    const { access, container } = this;
    await firstAnswer(access.place, signal, (either) =>
      listBlobs({ access, container }, 'check/', { signal: either, pageSize: 1, policy: access.impatience }).next(),
    );
    await proveConditions(this, 'Azure Blob keeps them; an emulator may not.', signal);
  }

  #place() {
    return { access: this.access, container: this.container, sizes: this.settings.sizes };
  }
}
