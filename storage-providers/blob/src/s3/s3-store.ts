// SPDX-License-Identifier: Apache-2.0
import type { ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3';
import { GritError } from '@grit/plugin-api';
import type { ByteRange, Condition, ObjectStore, StoredObject, UploadOptions, UploadSource } from '../object-store.js';
import { putOnCondition } from '../put-on-condition.js';
import { readNothing } from '../read-range.js';
import { streamParts } from '../upload/stream-parts.js';
import { abandonedUploads, type AbandonedUpload, type AbandonedOptions } from './abandoned-uploads.js';
import { checkS3 } from './check-s3.js';
import { deleteObjects } from './delete-objects.js';
import { headObject } from './head-object.js';
import { listObjects } from './list-objects.js';
import { LARGEST_SINGLE, partsAtOnce, S3_LIMITS, streamPartSize } from './part-sizes.js';
import { putBytes } from './put-bytes.js';
import { getWhole, readObjectRange } from './read-range.js';
import type { S3Access } from './s3-access.js';
import { partsOfSource, partsOfStream } from './source-parts.js';
import { uploadParts, type Part } from './upload-parts.js';

/** Answers to a write whose condition does not hold; the last two: the object of the etag is gone. */
const UNMET = ['PreconditionFailed', 'NoSuchKey', 'NotFound'];

export interface S3StoreSettings {
  readonly checksums: boolean;
  readonly serverSideEncryption: ServerSideEncryption | undefined;
  readonly kmsKeyId: string | undefined;
  readonly storageClass: StorageClass | undefined;
  readonly parallelReads: number;
  /** Objects of a page of a list. */
  readonly pageSize: number;
  /** Bytes of the first parts of a stream. */
  readonly firstPart: number;
  /** Bytes up to which an object is sent in one request. */
  readonly largestSingle?: number | undefined;
}

/** Objects of a bucket below a prefix. */
export class S3Store implements ObjectStore {
  readonly label: string;
  readonly parallelReads: number;

  constructor(
    private readonly access: S3Access,
    private readonly settings: S3StoreSettings,
  ) {
    this.label = access.place.label;
    this.parallelReads = settings.parallelReads;
  }

  async get(
    key: string,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
    return getWhole(this.access, key, signal);
  }

  async put(
    key: string,
    bytes: Uint8Array,
    options: { readonly condition?: Condition | undefined; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    const { condition, signal } = options;
    const { checksums } = this.settings;
    const headers = this.#headers(false);
    if (condition?.absent === true) headers['if-none-match'] = '*';
    if (condition?.etag !== undefined) headers['if-match'] = condition.etag;
    const call = { what: `write ${key}`, signal, checksums };
    if (condition === undefined) return (await putBytes(this.access, { key, headers }, bytes, call)).etag;
    return putOnCondition(this, { key, bytes, unmet: UNMET, signal }, async (onLost) => {
      return (await putBytes(this.access, { key, headers }, bytes, { ...call, expected: UNMET, onLost })).etag;
    });
  }

  async head(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    return headObject(this.access, key, signal);
  }

  async readInto(key: string, range: ByteRange, target: Uint8Array, signal: AbortSignal): Promise<void> {
    if (range.end > range.start) return readObjectRange(this.access, key, range, target, signal);
    return readNothing(this, key, range, signal);
  }

  async upload(key: string, source: UploadSource, options: UploadOptions): Promise<void> {
    const { checksums, largestSingle = LARGEST_SINGLE } = this.settings;
    if (source.size <= largestSingle) {
      const call = { ...options, what: `write ${key}`, checksums };
      await putBytes(this.access, { key, headers: this.#headers(true) }, source, call);
      return;
    }
    if (source.size > S3_LIMITS.largestObject) {
      throw new GritError('GRIT_STORAGE_UNSUITABLE', `${this.label}: ${key} would have ${source.size} bytes`, {
        hint: 'An object in S3 has at most 5 TiB.',
      });
    }
    await uploadParts(
      this.access,
      key,
      partsOfSource(source, largestSingle),
      this.#parts(options, () => 4),
    );
  }

  async uploadStream(key: string, data: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<number> {
    const parts = streamParts(data, (index) => streamPartSize(index + 1, this.settings.firstPart));
    const first = await parts.next();
    // There is always one, were it empty.
    if (first.done === true) return 0;
    const { bytes, only } = first.value;
    if (!only) {
      const atOnce = ({ payload }: Part): number => partsAtOnce(payload instanceof Uint8Array ? payload.length : 0);
      return uploadParts(this.access, key, partsOfStream(first.value, parts), this.#parts(options, atOnce));
    }
    const call = { ...options, what: `write ${key}`, checksums: this.settings.checksums };
    await putBytes(this.access, { key, headers: this.#headers(true) }, bytes, call);
    return bytes.length;
  }

  list(prefix: string, signal: AbortSignal): AsyncIterable<StoredObject> {
    return listObjects(this.access, prefix, { signal, pageSize: this.settings.pageSize });
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    await deleteObjects(this.access, keys, signal);
  }

  async check(signal: AbortSignal): Promise<void> {
    await checkS3(this.access, this, signal);
  }

  /** Uploads in parts below the prefix that were never ended, and are removed here: nobody sees them, but they cost what they weigh. */
  abandonedUploads(options: AbandonedOptions): AsyncIterable<AbandonedUpload> {
    return abandonedUploads(this.access, { pageSize: this.settings.pageSize, ...options });
  }

  #headers(large: boolean): Record<string, string> {
    const { serverSideEncryption, kmsKeyId, storageClass } = this.settings;
    return {
      ...(serverSideEncryption !== undefined && { 'x-amz-server-side-encryption': serverSideEncryption }),
      ...(kmsKeyId !== undefined && { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
      ...(large && storageClass !== undefined && { 'x-amz-storage-class': storageClass }),
    };
  }

  #parts(options: UploadOptions, atOnce: (part: Part) => number): Parameters<typeof uploadParts>[3] {
    const { checksums, serverSideEncryption, kmsKeyId, storageClass } = this.settings;
    const attributes = {
      ...(serverSideEncryption !== undefined && { ServerSideEncryption: serverSideEncryption }),
      ...(kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId }),
      ...(storageClass !== undefined && { StorageClass: storageClass }),
    };
    return { ...options, checksums, attributes, atOnce };
  }
}
