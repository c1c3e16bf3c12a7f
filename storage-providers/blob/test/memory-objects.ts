// SPDX-License-Identifier: Apache-2.0
import { throwIfAborted } from '@grit/image';
import { GritError } from '@grit/plugin-api';
import type {
  ByteRange,
  Condition,
  ObjectStore,
  StoredObject,
  UploadOptions,
  UploadSource,
} from '../src/object-store.js';

/** What a bucket has. */
export interface BucketObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly modifiedAt: number;
}

/** One request, by what it does and to which key or prefix. */
export interface BucketRequest {
  readonly does: 'get' | 'put' | 'head' | 'read' | 'upload' | 'list' | 'delete';
  readonly key: string;
}

/** Lets a request happen: at its time, or not, or without telling. */
export type Gate = <T>(request: BucketRequest, apply: () => T) => Promise<T>;

/** A bucket in memory. */
export class Bucket {
  readonly objects = new Map<string, BucketObject>();
  #writes = 0;

  constructor(readonly now: () => number = Date.now) {}

  set(key: string, bytes: Uint8Array): string {
    const etag = `"${++this.#writes}"`;
    this.objects.set(key, { bytes, etag, modifiedAt: this.now() });
    return etag;
  }
}

const OPEN: Gate = (_, apply) => Promise.resolve(apply());

/** One process's way to a bucket. Conditions are kept strictly, as by a service that is strongly consistent. */
export class MemoryObjects implements ObjectStore {
  readonly label = 'memory://bucket';
  readonly parallelReads = 4;
  readonly deleteIf?: (key: string, etag: string, signal: AbortSignal) => Promise<boolean>;

  constructor(
    readonly bucket: Bucket,
    readonly gate: Gate = OPEN,
    { deleteIf = false }: { readonly deleteIf?: boolean } = {},
  ) {
    if (deleteIf) this.deleteIf = (key, etag, signal) => this.#deleteIf(key, etag, signal);
  }

  get(key: string, signal: AbortSignal): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
    return this.#request('get', key, signal, () => this.bucket.objects.get(key));
  }

  put(
    key: string,
    bytes: Uint8Array,
    { condition, signal }: { readonly condition?: Condition | undefined; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    const copy = Buffer.from(bytes);
    return this.#request('put', key, signal, () => {
      const found = this.bucket.objects.get(key)?.etag;
      if (condition?.absent === true && found !== undefined) return undefined;
      if (condition?.etag !== undefined && found !== condition.etag) return undefined;
      return this.bucket.set(key, copy);
    });
  }

  head(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    return this.#request('head', key, signal, () => {
      const found = this.bucket.objects.get(key);
      return found === undefined ? undefined : storedAs(key, found);
    });
  }

  readInto(key: string, { start, end }: ByteRange, target: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#request('read', key, signal, () => {
      const found = this.bucket.objects.get(key);
      if (found === undefined) throw new GritError('GRIT_IMAGE_PART_MISSING', `${key} is gone`);
      if (found.bytes.length < end) throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `${key} ends before ${end}`);
      target.set(found.bytes.subarray(start, end));
    });
  }

  async upload(key: string, source: UploadSource, { signal, onBytes }: UploadOptions): Promise<void> {
    await this.uploadStream(key, source.read({ start: 0, end: source.size }, signal), { signal, onBytes });
  }

  async uploadStream(
    key: string,
    data: AsyncIterable<Uint8Array>,
    { signal, onBytes }: UploadOptions,
  ): Promise<number> {
    await this.#request('upload', key, signal, () => undefined);
    const chunks: Uint8Array[] = [];
    for await (const chunk of data) {
      chunks.push(Buffer.from(chunk));
      onBytes?.(chunk.length);
    }
    const bytes = Buffer.concat(chunks);
    await this.#request('upload', key, signal, () => this.bucket.set(key, bytes));
    return bytes.length;
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<StoredObject, void> {
    yield* await this.#request('list', prefix, signal, () =>
      [...this.bucket.objects].filter(([key]) => key.startsWith(prefix)).map(([key, object]) => storedAs(key, object)),
    );
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (const key of keys) await this.#request('delete', key, signal, () => this.bucket.objects.delete(key));
  }

  async check(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
  }

  #deleteIf(key: string, etag: string, signal: AbortSignal): Promise<boolean> {
    return this.#request('delete', key, signal, () => {
      if (this.bucket.objects.get(key)?.etag !== etag) return false;
      return this.bucket.objects.delete(key);
    });
  }

  #request<T>(does: BucketRequest['does'], key: string, signal: AbortSignal, apply: () => T): Promise<T> {
    throwIfAborted(signal);
    return this.gate({ does, key }, apply);
  }
}

function storedAs(key: string, { bytes, etag, modifiedAt }: BucketObject): StoredObject {
  return { key, size: bytes.length, modifiedAt, etag };
}
