// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError } from '@grit/plugin-api';
import { readRow } from '../format/chunk-row.js';
import type { ImageManifest } from '../format/image-manifest.js';
import type { RowPlaces } from './row-places.js';

/** True for errors that say that what is stored is damaged, and not that it could not be read. */
export function isDamage(error: unknown): error is GritError {
  return isGritError(error) && error.code.startsWith('GRIT_IMAGE_PART_');
}

/** The error for a row whose chunk has other bytes than it had. */
export function corruptChunk(manifest: ImageManifest, places: RowPlaces, table: Buffer, row: number): GritError {
  const offset = places.offset(row);
  const end = offset + readRow(table, row).length;
  return damage(manifest, places, table, row, {
    code: 'GRIT_IMAGE_PART_CORRUPT',
    what: `does not have the bytes that were stored, between ${offset} and ${end}`,
  });
}

/** The error for a row whose pack is damaged as a whole, with the part in it that the user knows. */
export function packDamageAt(
  manifest: ImageManifest,
  places: RowPlaces,
  table: Buffer,
  row: number,
  cause: GritError,
): GritError {
  const what = cause.code === 'GRIT_IMAGE_PART_MISSING' ? 'is missing in the store' : cause.message;
  return damage(manifest, places, table, row, { code: cause.code, what, cause });
}

function damage(
  manifest: ImageManifest,
  places: RowPlaces,
  table: Buffer,
  row: number,
  { code, what, cause }: { readonly code: GritError['code']; readonly what: string; readonly cause?: GritError },
): GritError {
  const part = places.part(row).name;
  const pack = manifest.packs[readRow(table, row).pack]?.name ?? '';
  return new GritError(code, `part ${part} of checkpoint ${manifest.checkpoint} ${what} (pack ${pack})`, {
    cause,
    details: { ...cause?.details, part, checkpoint: manifest.checkpoint, offset: places.offset(row), pack },
  });
}
