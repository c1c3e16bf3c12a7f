// SPDX-License-Identifier: Apache-2.0

/** What a store has of one image. */
export interface StoredImage {
  /** Id of the checkpoint. */
  readonly id: string;
  /** Bytes of all its objects; those that it shares with other images count in each of them. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
}

/** Options of one write. */
export interface PutOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes written since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Writes one image. Objects are invisible to everybody until `commit`.
 * Names of objects follow {@link checkPartName}. Several `put` may run at a time, each object once.
 */
export interface ImageStorageWriter {
  /**
   * Stores an object from a stream; durable at the latest when `commit` returns. Putting a name again replaces the object.
   * Must apply back-pressure: it never holds more than a few chunks of the stream.
   * Errors: GRIT_STORAGE_FULL, GRIT_STORAGE_READ_ONLY, GRIT_STORAGE_UNAVAILABLE, GRIT_STORAGE_IO.
   */
  put(name: string, data: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void>;
  /**
   * Optional fast path: stores a local file that will not change any more, by a hard link or a copy inside the file system.
   * Returns false where that is not possible, without a trace; the caller then streams.
   */
  putFile?(name: string, path: string, options: PutOptions): Promise<boolean>;
  /**
   * Optional: a directory on the store's own disk, this image's alone, where a caller may write files by itself (with O_DIRECT, say)
   * and then give them to `putFile`. It outlives a crash: the next writer of the same id finds there what was left, until the commit,
   * the abort or the delete removes it. Resolves to the same absolute path for the life of the writer.
   */
  staging?(signal: AbortSignal): Promise<string>;
  /**
   * Optional, with `staging`: a local path with the bytes of an object of another, committed image, for reading and for `putFile` of
   * this one; good until the commit even if that image is deleted meanwhile. undefined when there is no such image or object (any
   * more), or where this file system has no hard links. The path changes with every writer.
   */
  adopt?(image: string, name: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Makes the image readable, all of it at once, with its manifest: the caller's opaque bytes. Durable when it returns.
   * Idempotent: a second commit with the same manifest does nothing; with another one it throws GRIT_IDEMPOTENCY_CONFLICT.
   * GRIT_STEP_FENCED, also from `put`: the image was deleted or begun anew by another writer in the meantime.
   */
  commit(manifest: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Removes everything that was put. Idempotent; after a commit it does nothing. */
  abort(signal: AbortSignal): Promise<void>;
}

/** Reads one committed image. Bytes come as they were put or with an error; the caller verifies them against the manifest. */
export interface ImageStorageReader {
  /** The bytes given to commit. Throws GRIT_IMAGE_MANIFEST_MISSING. */
  manifest(signal: AbortSignal): Promise<Uint8Array>;
  /** Size of an object in bytes. Throws GRIT_IMAGE_PART_MISSING. */
  size(name: string, signal: AbortSignal): Promise<number>;
  /**
   * The bytes from `start` up to, but not with, `end`.
   * Errors: GRIT_IMAGE_PART_MISSING; GRIT_IMAGE_PART_TRUNCATED when the object ends before `end`; GRIT_STORAGE_UNAVAILABLE, GRIT_STORAGE_IO.
   */
  read(
    name: string,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Optional fast path: a local file with the object's bytes, which the caller may read but never change. */
  localPath?(name: string, signal: AbortSignal): Promise<string | undefined>;
}

/** A place for images. Safe for use by several processes on several nodes at the same time. */
export interface StorageProvider {
  /** Checks that the store can be used: reachable, writable, room. Throws the errors of `put`. */
  check(signal: AbortSignal): Promise<void>;
  /**
   * Starts or continues writing an image that is not committed. What an earlier, crashed writer of the same id left is
   * replaced or removed; should that writer still live, its calls may fail with GRIT_STEP_FENCED. For a committed image the writer
   * knows it: put does nothing, commit compares.
   */
  begin(id: string, signal: AbortSignal): Promise<ImageStorageWriter>;
  /** Opens a committed image. Throws GRIT_CHECKPOINT_NOT_FOUND, or GRIT_IMAGE_MANIFEST_MISSING when only its remains are there. */
  open(id: string, signal: AbortSignal): Promise<ImageStorageReader>;
  /** All committed images, in any order. */
  list(signal: AbortSignal): AsyncIterable<StoredImage>;
  /** Deletes an image, committed or not; first it becomes unreadable, then its bytes go. Idempotent. */
  delete(id: string, signal: AbortSignal): Promise<void>;
}
