// SPDX-License-Identifier: Apache-2.0
import { CODEC, NO_PACK, dataBytes, readRow, type ChunkRow, type ImageManifest, type ImageReader } from '@grit/image';

/** Where the bytes of a part are. `size` is the sum of `holes`, `zeros` and `data`. */
export interface PartReport {
  readonly name: string;
  readonly kind: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes of pieces without data. */
  readonly holes: number;
  /** Bytes of pages of zeros between data. */
  readonly zeros: number;
  readonly data: number;
  /** Bytes of the chunks that this part is the first one to have, as they are stored. */
  readonly stored: number;
  readonly chunks: number;
  readonly digest: string;
}

/** What an image uses of a pack. */
export interface PackReport {
  readonly name: string;
  /** Bytes of the object. */
  readonly size: number;
  /** Chunks of this image, and their stored bytes. */
  readonly chunks: number;
  readonly used: number;
}

/** How so many different chunks are stored. */
export interface CodecReport {
  readonly codec: string;
  readonly chunks: number;
  readonly data: number;
  readonly stored: number;
}

/** All that an image says of itself. */
export interface ImageReport extends Omit<ImageManifest, 'parts' | 'packs'> {
  readonly digest: string;
  /** Bytes of all parts. */
  readonly size: number;
  readonly parts: readonly PartReport[];
  readonly packs: readonly PackReport[];
  readonly codecs: readonly CodecReport[];
}

/** Looks at manifest and table of an image; reads no chunk. Errors: those of {@link ImageReader}. */
export async function inspectImage(reader: ImageReader, signal: AbortSignal): Promise<ImageReport> {
  const { manifest, digest, size } = reader;
  const table = await reader.table(signal);
  const packs = manifest.packs.map((pack) => ({ name: pack.name, size: pack.size, chunks: 0, used: 0 }));
  const codecs = Object.keys(CODEC).map((codec) => ({ codec, chunks: 0, data: 0, stored: 0 }));
  const seen = new Set<number>();
  const parts = manifest.parts.map(({ name, kind, size: bytes, rows: [first, count], digest: partDigest }) => {
    const part = { name, kind, size: bytes, holes: 0, zeros: 0, data: 0, stored: 0, chunks: 0, digest: partDigest };
    for (let index = first; index < first + count; index++) addRow(part, readRow(table, index));
    return part;
  });
  return { ...manifest, digest, size, parts, packs, codecs: codecs.filter(({ chunks }) => chunks > 0) };

  function addRow(part: Counted<PartReport>, row: ChunkRow): void {
    const { length, zeros, pack, offset, stored, codec } = row;
    if (pack === NO_PACK) {
      part.holes += length;
      return;
    }
    const data = dataBytes(length, zeros);
    part.chunks += 1;
    part.data += data;
    part.zeros += length - data;
    const place = pack * 2 ** 32 + offset;
    if (seen.has(place)) return;
    seen.add(place);
    part.stored += stored;
    add(packs[pack], { chunks: 1, used: stored });
    add(codecs[codec], { chunks: 1, data, stored });
  }
}

type Counted<T> = { -readonly [K in keyof T]: T[K] };

function add<T extends object>(to: T | undefined, amounts: Partial<Record<keyof T, number>>): void {
  if (to === undefined) return;
  for (const [key, amount] of Object.entries(amounts)) {
    const counts = to as Record<string, number>;
    counts[key] = (counts[key] ?? 0) + (amount as number);
  }
}
