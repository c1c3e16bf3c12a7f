// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PAGE_BYTES, type PartSource } from '@grit/plugin-api';
import { parsePagemap, type PageRun, type Pagemap } from './parse-pagemap.js';

/** A pages file of CRIU together with the addresses of its pages. */
export interface PagesFile {
  readonly part: PartSource;
  readonly runs: readonly PageRun[];
}

/** Largest pagemap that is read: the addresses of more than 4 TiB in runs of one MiB. */
const MAX_PAGEMAP_BYTES = 128 * 1024 * 1024;

/**
 * Finds the pages files among the parts whose pagemap is there too: they can be cut by address. What is no pagemap, or does not fit
 * its pages file, is left to be cut as any other file. The parts must be regular files.
 */
export async function findPagesFiles(
  parts: readonly PartSource[],
  sizeOf: (part: PartSource) => number,
): Promise<PagesFile[]> {
  const byName = new Map(parts.map((part) => [part.name, part]));
  const found = new Map<string, PagesFile>();
  for (const pagemap of parts.filter(({ name }) => /^pagemap-.*\.img$/.test(basename(name)))) {
    if (sizeOf(pagemap) > MAX_PAGEMAP_BYTES) continue;
    const { pagesId, runs } = (await read(pagemap.path)) ?? NONE;
    const part = byName.get(join(dirname(pagemap.name), `pages-${pagesId}.img`));
    const pages = runs.reduce((sum, run) => sum + run.pages, 0);
    if (part !== undefined && pages * PAGE_BYTES === sizeOf(part)) found.set(part.name, { part, runs });
  }
  return [...found.values()];
}

const NONE: Pagemap = { pagesId: -1, runs: [] };

async function read(path: string): Promise<Pagemap | undefined> {
  try {
    return parsePagemap(await readFile(path));
  } catch {
    return undefined;
  }
}
