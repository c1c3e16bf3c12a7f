// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, toGritError, type StorageProvider } from '@grit/plugin-api';
import { manifestDigest } from '../format/encode-manifest.js';
import { parseManifest } from '../format/parse-manifest.js';
import type { ImageReader } from './image-reader.js';
import { StoredImageReader } from './stored-image-reader.js';

/**
 * Opens a committed image and checks its manifest; nothing else is read yet.
 * Errors: GRIT_CHECKPOINT_NOT_FOUND, GRIT_IMAGE_MANIFEST_MISSING, GRIT_IMAGE_MANIFEST_INVALID, and those of the storage.
 */
export async function openImage(provider: StorageProvider, id: string, signal: AbortSignal): Promise<ImageReader> {
  try {
    const storage = await provider.open(id, signal);
    const bytes = await storage.manifest(signal);
    const manifest = parseManifest(bytes);
    if (manifest.checkpoint !== id) {
      throw new GritError(
        'GRIT_IMAGE_MANIFEST_INVALID',
        `the manifest is the one of checkpoint ${manifest.checkpoint}`,
      );
    }
    return new StoredImageReader(storage, manifest, manifestDigest(bytes));
  } catch (error) {
    if (isGritError(error) && error.code === 'GRIT_IMAGE_MANIFEST_INVALID') {
      throw new GritError(error.code, `checkpoint ${id}: ${error.message}`, {
        cause: error,
        hint: error.hint,
        details: { ...error.details, checkpoint: id, part: 'manifest.json' },
      });
    }
    throw toGritError(error);
  }
}
