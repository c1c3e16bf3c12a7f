// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, toGritError, type StorageProvider } from '@grit/plugin-api';
import { openEnvelope } from '../crypto/open-envelope.js';
import { manifestDigest } from '../format/encode-manifest.js';
import { parseStored } from '../format/parse-manifest.js';
import type { ImageReader } from './image-reader.js';
import { StoredImageReader } from './stored-image-reader.js';

/**
 * Opens a committed image and checks its manifest; nothing else is read yet. An encrypted one is opened with the keys of the provider.
 * Errors: GRIT_CHECKPOINT_NOT_FOUND, GRIT_IMAGE_MANIFEST_MISSING, GRIT_IMAGE_MANIFEST_INVALID, those of the storage; GRIT_KEY_UNKNOWN,
 * GRIT_KEY_WRONG and GRIT_KEY_UNAVAILABLE for an image whose key is not at hand.
 */
export async function openImage(provider: StorageProvider, id: string, signal: AbortSignal): Promise<ImageReader> {
  try {
    const storage = await provider.open(id, signal);
    const bytes = await storage.manifest(signal);
    const { manifest, digest, keys } = await opened(bytes, provider, signal);
    if (manifest.checkpoint !== id) {
      throw new GritError(
        'GRIT_IMAGE_MANIFEST_INVALID',
        `the manifest is the one of checkpoint ${manifest.checkpoint}`,
      );
    }
    return new StoredImageReader(storage, manifest, digest, keys);
  } catch (error) {
    if (isGritError(error) && error.code === 'GRIT_IMAGE_MANIFEST_INVALID') {
      throw new GritError(error.code, `checkpoint ${id}: ${error.message}`, {
        cause: error,
        hint: error.hint,
        details: { ...error.details, checkpoint: id, part: 'manifest.json' },
      });
    }
    if (isGritError(error) && error.code.startsWith('GRIT_KEY_')) {
      throw new GritError(error.code, `checkpoint ${id}: ${error.message}`, {
        cause: error.cause,
        hint: error.hint,
        details: { ...error.details, checkpoint: id },
      });
    }
    throw toGritError(error);
  }
}

async function opened(
  bytes: Uint8Array,
  { keys }: StorageProvider,
  signal: AbortSignal,
): Promise<Pick<ImageReader, 'manifest' | 'digest' | 'keys'>> {
  const { manifest, envelope } = parseStored(bytes);
  return envelope === undefined ? { manifest, digest: manifestDigest(bytes) } : openEnvelope(envelope, keys, signal);
}
