// SPDX-License-Identifier: Apache-2.0
import type { KeyProvider } from './key-provider.js';

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
  /**
   * Stands for the bytes: what an earlier writer of this image has stored under the same name and identity is the same and need not be
   * sent again. Up to 128 letters, digits, `:`, `-`, `_`. Default: nothing is known of them.
   */
  readonly identity?: string | undefined;
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
   * Optional fast path: stores a local file that will not change any more, better than a stream could: by a hard link, or by sending
   * pieces of it again where they were lost. Returns false where that is not possible, without a trace; the caller then streams.
   */
  putFile?(name: string, path: string, options: PutOptions): Promise<boolean>;
  /**
   * Optional: a directory on the store's own disk, this image's alone, where a caller may write files by itself (with O_DIRECT, say)
   * and then give them to `putFile`. It outlives a crash: the next writer of the same id finds there what was left, until the commit,
   * the abort or the delete removes it. Resolves to the same absolute path for the life of the writer.
   */
  staging?(signal: AbortSignal): Promise<string>;
  /**
   * Optional, for stores whose images can share objects: holds on to objects of another, committed image, so that they stay even when
   * that image is deleted. They are no objects of this image before `putAdopted`. What is adopted stays for later writers of this image
   * too, until the commit, the abort or the delete. Names are unique: whoever adopts a name from two images gets the same bytes.
   * Returns those of the names that are there; none when there is no such image (any more), or where the store cannot share.
   */
  adopt?(image: string, names: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** With `adopt`: makes an adopted object one of this image, under its name. False: it is not there (any more). */
  putAdopted?(name: string, signal: AbortSignal): Promise<boolean>;
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
  /** Optional fast path: `read` into memory of the caller, of exactly `end - start` bytes. Same errors. */
  readInto?(
    name: string,
    range: { readonly start: number; readonly end: number },
    target: Uint8Array,
    signal: AbortSignal,
  ): Promise<void>;
  /** Reads of some MiB at a time that pay where no `localPath` is; by default as many as keep the machine's cores busy. */
  readonly parallelReads?: number | undefined;
}

/** What {@link StorageProvider.collect} may do. */
export interface CollectOptions {
  readonly signal: AbortSignal;
  /** Milliseconds for which nothing may have been written to what is removed: longer than any writer stands still. Default: one day. */
  readonly graceMs?: number | undefined;
  /** Only say what would be done. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Told of everything that no image needs. */
  readonly onGarbage?: ((garbage: Garbage) => void) | undefined;
}

/** Something in a store that no image needs. */
export interface Garbage {
  /** As the store names it. */
  readonly key: string;
  /** Whose it was, and as what, as far as the key says. */
  readonly image?: string | undefined;
  readonly object?: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since it was last written. */
  readonly ageMs: number;
  /** `unused`: of no image any more; `abandoned`: of a writer that is gone; `unknown`: none of ours, never removed. */
  readonly why: 'unused' | 'abandoned' | 'unknown';
  /** `young`: within the grace period. `condemned`: removed by a later call, should nobody have taken it up again by then. */
  readonly then: 'removed' | 'condemned' | 'young' | 'left';
}

/** What {@link StorageProvider.collect} found and did. */
export interface Collected {
  /** Everything that images and writers need. */
  readonly used: { readonly objects: number; readonly bytes: number };
  /** Removed, or, in a dry run, what would be. */
  readonly removed: { readonly objects: number; readonly bytes: number };
  /** No longer needed, and still there. */
  readonly waiting: { readonly objects: number; readonly bytes: number };
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
  /**
   * Optional: removes what no image needs and nobody is writing. Safe beside writers, readers, deletes, crashes and other collectors:
   * never takes away an object of a committed image, nor one that a writer has put or adopted and that was begun less than the grace
   * period ago. May be interrupted at any moment.
   */
  collect?(options: CollectOptions): Promise<Collected>;
  /**
   * Optional: puts another manifest in the place of a committed image's, at once and durably. Throws GRIT_IDEMPOTENCY_CONFLICT when it
   * is not `expected` that stands there (nor already `manifest`), GRIT_CHECKPOINT_NOT_FOUND.
   */
  replaceManifest?(
    id: string,
    manifests: { readonly expected: Uint8Array; readonly manifest: Uint8Array },
    signal: AbortSignal,
  ): Promise<void>;
  /** Optional: images are encrypted with these keys. Set by the configuration, not by the provider. */
  readonly keys?: KeyProvider | undefined;
}
