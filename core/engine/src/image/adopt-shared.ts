// SPDX-License-Identifier: Apache-2.0
import { openImage, type ImageReader } from '@grit/image';
import { isGritError, type ImageStorageWriter, type StorageProvider } from '@grit/plugin-api';
import { storedImages } from './stored-images.js';

/** Images of the target that are looked at for packs of this one: its parent, and the newest. */
const MOST_LOOKED_AT = 64;

/**
 * Makes packs that images of the target have objects of the one that is written; gives their names. A pack has its name in every store:
 * only whoever copied it has it there.
 */
export async function adoptShared(
  { manifest }: ImageReader,
  to: StorageProvider,
  writer: ImageStorageWriter,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const adopted = new Set<string>();
  if (writer.adopt === undefined || writer.putAdopted === undefined) return adopted;
  const wanted = new Set(manifest.packs.map(({ name }) => name));
  for (const id of await candidates(to, manifest.parent, signal)) {
    if (wanted.size === 0) break;
    const other = await openImage(to, id, signal).catch((error: unknown) => {
      // A damaged one, or one with a key that nobody has here: then its packs are sent.
      if (isGritError(error) && error.code !== 'GRIT_ABORTED') return undefined;
      throw error;
    });
    const common = other?.manifest.packs.filter(({ name }) => wanted.has(name)) ?? [];
    if (common.length === 0) continue;
    const held = await writer.adopt(
      id,
      common.map(({ name }) => objectOf(name)),
      signal,
    );
    for (const { name } of common) {
      if (!held.includes(objectOf(name)) || !(await writer.putAdopted(objectOf(name), signal))) continue;
      adopted.add(name);
      wanted.delete(name);
    }
  }
  return adopted;
}

async function candidates(to: StorageProvider, parent: string | undefined, signal: AbortSignal): Promise<string[]> {
  const images = await storedImages(to, signal);
  images.sort((a, b) => Number(b.id === parent) - Number(a.id === parent) || b.committedAt - a.committedAt);
  return images.slice(0, MOST_LOOKED_AT).map(({ id }) => id);
}

function objectOf(pack: string): string {
  return `packs/${pack}`;
}
