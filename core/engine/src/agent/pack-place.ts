// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageStorageWriter, StorageProvider } from '@grit/plugin-api';

/** Where the packs of an image are made, and the writer that they are for. */
export interface PackPlace {
  readonly writer: ImageStorageWriter;
  readonly directory: string;
}

/**
 * Begins the image, again after a crash. Its packs are made on the store's own disk where the store lets us, so that storing them is
 * a link, else beside the dump. Both outlive this process. Errors: those of the storage.
 */
export async function openPackPlace(
  storage: StorageProvider,
  checkpoint: string,
  dump: string,
  signal: AbortSignal,
): Promise<PackPlace> {
  const writer = await storage.begin(checkpoint, signal);
  const staging = await writer.staging?.(signal);
  if (staging !== undefined) return { writer, directory: staging };
  const directory = join(dump, 'packs');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return { writer, directory };
}
