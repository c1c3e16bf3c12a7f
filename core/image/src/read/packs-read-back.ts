// SPDX-License-Identifier: Apache-2.0
import { lstat } from 'node:fs/promises';
import { NO_PACK, ROW_BYTES } from '../format/chunk-row.js';
import type { UsedPack } from '../pack/packed-image.js';
import { isReadBack } from '../pack/read-back.js';
import type { LoadedImage } from './loaded-image.js';

/**
 * Marks the rows whose pack in the store is the very file that a packer has read back already. Errors: those of the storage.
 * @param marks - a byte for each row; not 0: marked
 */
export async function markReadBack(
  { manifest, table, packs }: LoadedImage,
  readBack: readonly UsedPack[],
  marks: Uint8Array,
): Promise<void> {
  const known = new Map(readBack.map((pack) => [pack.name, pack.readBack]));
  const proven = await Promise.all(
    manifest.packs.map(async ({ name }, index) => {
      const proof = known.get(name);
      const path = proof && (await packs.open(index));
      return path !== undefined && proof !== undefined && isReadBack(await lstat(path, { bigint: true }), proof);
    }),
  );
  for (let row = 0; row < marks.length; row++) {
    const pack = table.readUInt32LE(row * ROW_BYTES + 40);
    if (pack !== NO_PACK && proven[pack] === true) marks[row] = 1;
  }
}
