// SPDX-License-Identifier: Apache-2.0
import type { ImageStorageReader, LocalPart } from '@grit/plugin-api';
import type { ImageKeys } from '../crypto/image-keys.js';
import type { ImageManifest } from '../format/image-manifest.js';

/** Options of fetching. */
export interface FetchOptions {
  /** Whether the copies survive a crash of the machine. Default true. */
  readonly durable?: boolean | undefined;
  /** Images that may have the same chunks: a damaged or missing one is taken from there, verified like any other. */
  readonly copies?: readonly ImageReader[] | undefined;
  /** Called with each part as soon as it is whole and at its place. */
  readonly onPart?: ((part: LocalPart) => void) | undefined;
}

/**
 * A committed image. All bytes that come out were verified against the manifest. How they are stored is hidden here.
 * Errors of all calls, each with the part in `details.part`: GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED (what is stored is
 * shorter or longer than it was), GRIT_IMAGE_PART_CORRUPT, and those of the storage. The table of rows is the part `rows`.
 */
export interface ImageReader {
  readonly storage: ImageStorageReader;
  readonly manifest: ImageManifest;
  /** Digest of the manifest's bytes; of an encrypted image, of those that are sealed: it stays when keys are rotated. */
  readonly digest: string;
  /** Of an encrypted image. */
  readonly keys?: ImageKeys | undefined;
  /** Bytes of all parts. */
  readonly size: number;
  /** The rows of all parts, read at the first call and checked against the manifest: what they name lies inside the packs. */
  table(signal: AbortSignal): Promise<Buffer>;
  /** The bytes from `start` up to, but not with, `end`. Throws GRIT_REQUEST_INVALID for a range outside of the part. */
  read(
    part: string,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}
