// SPDX-License-Identifier: Apache-2.0
import { openImage, type ImageReader } from '@grit/image';
import { isGritError, type StorageProvider } from '@grit/plugin-api';
import { storedImages } from './stored-images.js';

/** Images that are opened at most. */
const MOST_LOOKED_AT = 64;

/**
 * Images of another store that may have what an image has: its parent, then the newest. One that is damaged, or whose key nobody has
 * here, is left out: that only costs room. Errors: those of `list`; GRIT_ABORTED.
 */
export async function* likelyImages(
  { manifest: { parent } }: ImageReader,
  to: StorageProvider,
  signal: AbortSignal,
): AsyncGenerator<ImageReader, void> {
  const images = await storedImages(to, signal);
  images.sort((a, b) => Number(b.id === parent) - Number(a.id === parent) || b.committedAt - a.committedAt);
  for (const { id } of images.slice(0, MOST_LOOKED_AT)) {
    const image = await openImage(to, id, signal).catch((error: unknown) => {
      if (isGritError(error) && error.code !== 'GRIT_ABORTED') return undefined;
      throw error;
    });
    if (image !== undefined) yield image;
  }
}
