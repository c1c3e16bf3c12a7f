// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PartSource } from '@grit/plugin-api';
import { findPagesFiles, type PagesFile } from '../criu/pages-files.js';
import { NO_PACK, ROW_BYTES, readRow } from '../format/chunk-row.js';
import type { ImageReader } from '../read/image-reader.js';
import { stagePart } from './stage-part.js';

/** How an image gets from its store into a packer. */
export interface RepackPlan {
  /** Cut by address: their pages go from the store straight into the packer. */
  readonly streamed: readonly PagesFile[];
  /** Cut by content, by threads that read files: first they are files below the directory. */
  readonly staged: readonly PartSource[];
  /** Of those that are there already: page maps. */
  readonly there: ReadonlySet<string>;
  /** Bytes of the staged files. */
  readonly stagedBytes: number;
  /** Bytes that its chunks take in the store that it comes from: about what new packs take when no chunk is known. */
  readonly packedBytes: number;
}

/**
 * Looks how an image is to be packed anew; its page maps are files below the directory then, which must be nobody else's.
 * Errors: those of {@link ImageReader}, and of the local disk.
 */
export async function planRepack(source: ImageReader, directory: string, signal: AbortSignal): Promise<RepackPlan> {
  const sizes = new Map(source.manifest.parts.map(({ name, size }) => [name, size]));
  const parts = source.manifest.parts.map(({ name, kind }): PartSource => {
    return { name, kind, path: join(directory, name) };
  });
  const there = new Set<string>();
  for (const part of parts.filter(({ name }) => /^pagemap-.*\.img$/.test(basename(name)))) {
    await mkdir(dirname(part.path), { recursive: true, mode: 0o700 });
    await stagePart(source, part, signal);
    there.add(part.name);
  }
  const known = parts.filter(({ name, kind }) => there.has(name) || kind === 'memory');
  const streamed = (await findPagesFiles(known, ({ name }) => sizes.get(name) ?? 0)).filter(
    ({ part }) => part.kind === 'memory',
  );
  const names = new Set(streamed.map(({ part }) => part.name));
  const staged = parts.filter(({ name }) => !names.has(name));
  const stagedBytes = staged.reduce((sum, { name }) => sum + (sizes.get(name) ?? 0), 0);
  return { streamed, staged, there, stagedBytes, packedBytes: packedBytes(await source.table(signal)) };
}

/** A chunk that several rows have counts once: they have it at one place. */
function packedBytes(table: Buffer): number {
  const places = new Set<number>();
  let bytes = 0;
  for (let index = 0; index < table.length / ROW_BYTES; index++) {
    const { pack, offset, stored } = readRow(table, index);
    const place = pack * 2 ** 32 + offset;
    if (pack === NO_PACK || places.has(place)) continue;
    places.add(place);
    bytes += stored;
  }
  return bytes;
}
