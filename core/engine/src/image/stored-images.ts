// SPDX-License-Identifier: Apache-2.0
import type { StorageProvider, StoredImage } from '@grit/plugin-api';

/** All committed images of a store. Errors: those of `list`. */
export async function storedImages(storage: StorageProvider, signal: AbortSignal): Promise<StoredImage[]> {
  const images: StoredImage[] = [];
  for await (const image of storage.list(signal)) images.push(image);
  return images;
}
