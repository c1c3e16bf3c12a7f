// SPDX-License-Identifier: Apache-2.0
import { Packer, commitPacked, loadPacked, savePacked, type PackedImage } from '@grit/image';
import type { StorageProvider } from '@grit/plugin-api';
import { signal } from '../image-put/stored-image.js';
import type { StoreJob } from './store-job.js';

/** Stores the image as a node does: what it has packed outlives it, and is what the next try sends. */
export async function storeKept(
  storage: StorageProvider,
  { parts, facts, directory }: Omit<StoreJob, 'place'>,
): Promise<void> {
  const packed = (await loadPacked(directory)) ?? (await pack(parts, directory));
  const writer = await storage.begin(facts.checkpoint, signal);
  await commitPacked(writer, directory, packed, facts, { signal, keep: true });
}

async function pack(parts: StoreJob['parts'], directory: string): Promise<PackedImage> {
  const packer = await Packer.open({ directory, signal, limits: { packBytes: 128 * 1024 } });
  await Promise.all(parts.map((part) => packer.addFile(part)));
  const packed = await packer.finish();
  await savePacked(directory, packed);
  return packed;
}
