// SPDX-License-Identifier: Apache-2.0
import { NO_PACK, ROW_BYTES } from '../format/chunk-row.js';
import type { ImageReader } from './image-reader.js';
import type { LoadedImage } from './loaded-image.js';

/** Of a row: hash and length, then where and how the chunk is stored. What is between differs from image to image. */
const CHUNK = [0, 36] as const;
const PLACE = [44, ROW_BYTES] as const;

/**
 * Marks (with a byte that is not 0) the rows whose very chunk, at the same place of the same pack, is in one of the images that were read
 * back before. Errors: those of `ImageReader.table`.
 */
export async function provenRows(
  { manifest, table }: Pick<LoadedImage, 'manifest' | 'table'>,
  proven: readonly ImageReader[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const known = new Set<string>();
  for (const reader of proven) {
    for (const [, chunk] of chunksOf(reader.manifest, await reader.table(signal))) known.add(chunk);
  }
  const marks = new Uint8Array(manifest.table.rows);
  for (const [row, chunk] of chunksOf(manifest, table)) marks[row] = known.has(chunk) ? 1 : 0;
  return marks;
}

function* chunksOf({ packs, hash }: LoadedImage['manifest'], table: Buffer): Generator<readonly [number, string]> {
  for (let at = 0; at < table.length; at += ROW_BYTES) {
    const pack = table.readUInt32LE(at + 40);
    if (pack === NO_PACK) continue;
    const [chunk, place] = [CHUNK, PLACE].map(([from, to]) => table.toString('latin1', at + from, at + to));
    yield [at / ROW_BYTES, `${hash} ${packs[pack]?.name ?? ''} ${chunk ?? ''}${place ?? ''}`];
  }
}
