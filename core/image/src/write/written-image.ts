// SPDX-License-Identifier: Apache-2.0
import type { ImageManifest } from '../format/image-manifest.js';

/** An image that is in the store. */
export interface WrittenImage {
  readonly manifest: ImageManifest;
  /** The manifest's bytes, as they were committed. */
  readonly bytes: Uint8Array;
  /** Digest of `bytes`; of an encrypted image, of the manifest that is sealed in them. */
  readonly digest: string;
  /** Bytes of all parts. */
  readonly size: number;
}
