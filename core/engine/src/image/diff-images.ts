// SPDX-License-Identifier: Apache-2.0
import { NO_PACK, ROW_BYTES, dataBytes, readRow, type ImageReader } from '@grit/image';
import { GritError } from '@grit/plugin-api';

/** How the data of a part relate to an earlier image; all of it, in whatever part. */
export interface PartDiff {
  readonly name: string;
  readonly kind: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes without pages of zeros: `shared` and `changed` together. */
  readonly data: number;
  /** In chunks that the earlier image has, too. */
  readonly shared: number;
  readonly changed: number;
  /** The earlier image has a part of this name. */
  readonly known: boolean;
}

/** What changed from one image to another. */
export interface ImageDiff {
  readonly from: string;
  readonly to: string;
  readonly parts: readonly PartDiff[];
  /** Names of parts that only the earlier image has. */
  readonly gone: readonly string[];
  readonly total: { readonly data: number; readonly shared: number; readonly changed: number };
  /** Of memory alone: what precopy is about. */
  readonly memory: { readonly data: number; readonly changed: number };
}

/**
 * Compares the chunks of two images: a chunk with one changed page is a changed chunk, as it is for the store. Reads manifests and
 * tables only. Errors: those of {@link ImageReader}; GRIT_UNSUPPORTED for images with different hashes.
 */
export async function diffImages(from: ImageReader, to: ImageReader, signal: AbortSignal): Promise<ImageDiff> {
  if (from.manifest.hash !== to.manifest.hash) {
    throw new GritError('GRIT_UNSUPPORTED', 'images with different hashes have no chunk in common', {
      hint: `One was made with ${from.manifest.hash}, the other with ${to.manifest.hash}; export both to compare them.`,
    });
  }
  const known = await hashesOf(from, signal);
  const table = await to.table(signal);
  const names = new Set(from.manifest.parts.map(({ name }) => name));
  const parts = to.manifest.parts.map(({ name, kind, size, rows: [first, count] }): PartDiff => {
    let data = 0;
    let changed = 0;
    for (let index = first; index < first + count; index++) {
      const { pack, length, zeros } = readRow(table, index);
      if (pack === NO_PACK) continue;
      const bytes = dataBytes(length, zeros);
      data += bytes;
      if (!known.has(hashAt(table, index))) changed += bytes;
    }
    return { name, kind, size, data, shared: data - changed, changed, known: names.delete(name) };
  });
  const memory = parts.filter(({ kind }) => kind === 'memory');
  return {
    from: from.manifest.checkpoint,
    to: to.manifest.checkpoint,
    parts,
    gone: [...names],
    total: { data: sum(parts, 'data'), shared: sum(parts, 'shared'), changed: sum(parts, 'changed') },
    memory: { data: sum(memory, 'data'), changed: sum(memory, 'changed') },
  };
}

async function hashesOf(reader: ImageReader, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const table = await reader.table(signal);
  const hashes = new Set<string>();
  for (let index = 0; index < reader.manifest.table.rows; index++) {
    if (readRow(table, index).pack !== NO_PACK) hashes.add(hashAt(table, index));
  }
  return hashes;
}

function hashAt(table: Buffer, row: number): string {
  return table.toString('latin1', row * ROW_BYTES, row * ROW_BYTES + 32);
}

function sum(parts: readonly PartDiff[], field: 'data' | 'shared' | 'changed'): number {
  return parts.reduce((total, part) => total + part[field], 0);
}
