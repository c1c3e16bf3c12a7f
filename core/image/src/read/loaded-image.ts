// SPDX-License-Identifier: Apache-2.0
import type { ImageKeys } from '../crypto/image-keys.js';
import type { ImageManifest } from '../format/image-manifest.js';
import type { ImageReader } from './image-reader.js';
import { PackFiles } from './pack-files.js';
import { RowPlaces } from './row-places.js';

/** What one call needs of an image to read its chunks. */
export interface LoadedImage {
  readonly manifest: ImageManifest;
  readonly keys: ImageKeys | undefined;
  readonly table: Buffer;
  readonly places: RowPlaces;
  readonly packs: PackFiles;
}

/** Reads and checks the table. Errors: those of `ImageReader.table`. */
export async function loadImage(reader: ImageReader, signal: AbortSignal): Promise<LoadedImage> {
  const { storage, manifest, keys } = reader;
  const table = await reader.table(signal);
  return {
    manifest,
    keys,
    table,
    places: new RowPlaces(manifest.parts, table),
    packs: new PackFiles(storage, manifest, signal),
  };
}
