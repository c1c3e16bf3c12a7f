// SPDX-License-Identifier: Apache-2.0
import type { ImageManifest } from '../manifest/image-manifest.js';

/** Options of a call that works through one part. */
export interface PartCallOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes done since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Options of fetching. */
export interface FetchOptions {
  /**
   * Hard links instead of copies where the store is on the same file system: fast, no room needed, but whoever writes to the copy
   * damages the store. Default false.
   */
  readonly link?: boolean | undefined;
  /** Whether the copies survive a crash of the machine. Default true. */
  readonly durable?: boolean | undefined;
}

/**
 * A committed image. All bytes that come out were verified against the manifest. How they are stored is hidden here.
 * Errors of all calls, each with the part in `details.part`: GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED (shorter or longer
 * than it was), GRIT_IMAGE_PART_CORRUPT, and those of the storage.
 */
export interface ImageReader {
  readonly manifest: ImageManifest;
  /** Digest of the manifest's bytes. */
  readonly digest: string;
  /** Bytes of all parts. */
  readonly size: number;
  /** The bytes from `start` up to, but not with, `end`. Throws GRIT_REQUEST_INVALID for a range outside of the part. */
  read(
    part: string,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Reads the whole part and checks it. */
  verifyPart(part: string, options: PartCallOptions): Promise<void>;
  /**
   * Makes a verified copy at the path, whose directory is there; the file appears there whole or not at all.
   * One that is there already is kept when it has the right bytes. Errors too: GRIT_NODE_STORAGE_FULL.
   */
  fetchPart(part: string, path: string, options: PartCallOptions & FetchOptions): Promise<void>;
}
