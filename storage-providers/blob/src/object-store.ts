// SPDX-License-Identifier: Apache-2.0

/** What a service says of an object. */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch, by the clock of the service. */
  readonly modifiedAt: number;
  /** Another one for other bytes. Only good for comparing. */
  readonly etag: string;
}

/** Exactly one of the two. */
export interface Condition {
  /** Only where there is no object of this key. */
  readonly absent?: true;
  /** Only where the object is still the one that had this etag. */
  readonly etag?: string;
}

/** A piece of an object, in bytes; the end does not belong to it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes that can be had again, so that what was lost on the way is sent once more. */
export interface UploadSource {
  /** Bytes. */
  readonly size: number;
  /** The memory of a piece may be used again for another one once the next is asked for. */
  read(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Options of one upload. */
export interface UploadOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes that arrived since the last call; bytes that are sent again do not count again. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * What the object stores can all do. Keys are relative to the prefix of the store. Whatever can be tried again is tried again in here;
 * what is left ends in GRIT_STORAGE_UNAVAILABLE. Every call: GRIT_STORAGE_DENIED, GRIT_STORAGE_MISSING, GRIT_ABORTED.
 *
 * All of it must be strongly consistent: whoever reads or lists after a write was answered sees that write.
 */
export interface ObjectStore {
  /** For messages, without secrets: `s3://bucket/prefix`, `azure://account/container/prefix`. */
  readonly label: string;
  /** Reads of some MiB at a time that pay. */
  readonly parallelReads: number;
  /** A small object, whole. Undefined: absent. */
  get(key: string, signal: AbortSignal): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined>;
  /**
   * A small object, of up to 64 MiB and a header. Returns its etag; undefined: the condition does not hold. A condition that only seems
   * not to hold, as our own write is there already whose answer was lost, does hold.
   */
  put(
    key: string,
    bytes: Uint8Array,
    options: { readonly condition?: Condition | undefined; readonly signal: AbortSignal },
  ): Promise<string | undefined>;
  /** Undefined: absent. */
  head(key: string, signal: AbortSignal): Promise<StoredObject | undefined>;
  /**
   * Fills the target, which has the size of the range. Errors: GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED; the caller knows the
   * name of the part and says it.
   */
  readInto(key: string, range: ByteRange, target: Uint8Array, signal: AbortSignal): Promise<void>;
  /** One object from bytes of known size that can be had again. Nothing is left of it when it fails. */
  upload(key: string, source: UploadSource, options: UploadOptions): Promise<void>;
  /**
   * One object from a stream of unknown size, in parts, of which at most a few are in memory. Nothing is left of it when it fails.
   * Returns its size in bytes.
   */
  uploadStream(key: string, data: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<number>;
  /** All objects whose keys begin with the prefix, in any order. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<StoredObject>;
  /** Any number of them; absent ones are no error. In batches where the service can. */
  delete(keys: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Optional, where the service is known to keep the condition: removes an object that is still the one that had this etag. False: it is
   * another one, or gone.
   */
  deleteIf?(key: string, etag: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Optional, where an upload whose sender died leaves something that costs what it weighs and that no list shows: removes what was begun
   * longer than `graceMs` ago, and tells of each.
   */
  abandonedUploads?(options: {
    readonly signal: AbortSignal;
    readonly graceMs: number;
    /** Only say what would be removed. Default false. */
    readonly dryRun?: boolean | undefined;
  }): AsyncIterable<{ readonly key: string; readonly startedAt: number }>;
  /**
   * Throws what makes it unusable: GRIT_STORAGE_DENIED, GRIT_STORAGE_MISSING, GRIT_STORAGE_UNAVAILABLE; GRIT_STORAGE_UNSUITABLE where
   * conditions of writes are not kept. Tries that out on an object of its own below `check/`, which it removes again.
   */
  check(signal: AbortSignal): Promise<void>;
}
