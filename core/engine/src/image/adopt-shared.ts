// SPDX-License-Identifier: Apache-2.0
import { packObject, type ImageReader } from '@grit/image';
import type { ImageStorageWriter, StorageProvider } from '@grit/plugin-api';
import { likelyImages } from './likely-images.js';

/**
 * Makes packs that images of the target have objects of the one that is written; gives their names. A pack has its name in every store:
 * only whoever copied it has it there.
 */
export async function adoptShared(
  source: ImageReader,
  to: StorageProvider,
  writer: ImageStorageWriter,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const adopted = new Set<string>();
  if (writer.adopt === undefined || writer.putAdopted === undefined) return adopted;
  const wanted = new Set(source.manifest.packs.map(({ name }) => name));
  if (wanted.size === 0) return adopted;
  for await (const { manifest } of likelyImages(source, to, signal)) {
    const common = manifest.packs.map(({ name }) => name).filter((name) => wanted.has(name));
    if (common.length === 0) continue;
    const held = await writer.adopt(manifest.checkpoint, common.map(packObject), signal);
    for (const name of common) {
      if (!held.includes(packObject(name)) || !(await writer.putAdopted(packObject(name), signal))) continue;
      adopted.add(name);
      wanted.delete(name);
    }
    if (wanted.size === 0) break;
  }
  return adopted;
}
