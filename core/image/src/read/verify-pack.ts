// SPDX-License-Identifier: Apache-2.0
import { packDamage } from '../format/pack-damage.js';
import { FOOTER_BYTES, isZero, parseFooter, parseIndex } from '../format/pack-footer.js';
import { PACK_ALIGNMENT } from '../format/format-limits.js';
import type { LoadedImage } from './loaded-image.js';

/** What is read of a pack first; the indexes of nearly all packs lie in it. */
const TAIL_BYTES = 128 * 1024;

/** Checks all of a pack but its chunks: its size, the footer, the index, and the zeros between. Errors: those of the storage, and GRIT_IMAGE_PART_*. */
export async function verifyPack({ packs, keys }: Pick<LoadedImage, 'packs' | 'keys'>, index: number): Promise<void> {
  const { name, size, index: digest } = packs.pack(index);
  await packs.open(index);
  let start = Math.max(0, size - TAIL_BYTES);
  let tail = new Uint8Array(await packs.bytes(index, start, size));
  const footer = parseFooter(name, size, tail.subarray(tail.length - FOOTER_BYTES));
  if (footer.digest !== digest) throw packDamage('GRIT_IMAGE_PART_CORRUPT', name, 'is not the one that was stored');
  // The last chunk ends in the block before the index.
  const from = Math.max(0, footer.indexOffset - PACK_ALIGNMENT);
  if (from < start) {
    start = from;
    tail = new Uint8Array(await packs.bytes(index, start, size));
  }
  const { end } = parseIndex(name, size, footer, tail.subarray(footer.indexOffset - start), keys?.pack(name));
  if (isZero(tail.subarray(end - start, footer.indexOffset - start))) return;
  throw packDamage('GRIT_IMAGE_PART_CORRUPT', name, 'has bytes between its chunks and its index');
}
