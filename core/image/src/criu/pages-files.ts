// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GritError, PAGE_BYTES, type PartSource } from '@grit/plugin-api';
import { parsePagemap, type PageRun } from './parse-pagemap.js';

/** A pages file of CRIU together with the addresses of its pages. */
export interface PagesFile {
  readonly part: PartSource;
  readonly runs: readonly PageRun[];
}

/** Largest pagemap that is read: the addresses of more than 4 TiB in runs of one MiB. */
const MAX_PAGEMAP_BYTES = 128 * 1024 * 1024;

/**
 * Finds the pages files among the parts whose pagemap is there too: they can be cut by address. A pages file that does not fit its
 * pagemap is left to be cut as any other file. Throws GRIT_IMAGE_PART_CORRUPT for a pagemap that is none.
 */
export async function findPagesFiles(
  parts: readonly PartSource[],
  sizeOf: (part: PartSource) => number,
): Promise<PagesFile[]> {
  const byName = new Map(parts.map((part) => [part.name, part]));
  const found: PagesFile[] = [];
  for (const pagemap of parts.filter(({ name }) => /^pagemap-.*\.img$/.test(basename(name)))) {
    if (sizeOf(pagemap) > MAX_PAGEMAP_BYTES) continue;
    const { pagesId, runs } = await read(pagemap);
    const part = byName.get(join(dirname(pagemap.name), `pages-${pagesId}.img`));
    const pages = runs.reduce((sum, run) => sum + run.pages, 0);
    if (part !== undefined && pages * PAGE_BYTES === sizeOf(part)) found.push({ part, runs });
  }
  return found;
}

async function read({ name, path }: PartSource): Promise<ReturnType<typeof parsePagemap>> {
  const bytes = await readFile(path);
  try {
    return parsePagemap(bytes);
  } catch (error) {
    throw new GritError('GRIT_IMAGE_PART_CORRUPT', `part ${name}: ${(error as Error).message}`, {
      cause: error,
      details: { part: name, path },
    });
  }
}
