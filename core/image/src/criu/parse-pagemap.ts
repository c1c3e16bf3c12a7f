// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';
import { readFields } from './read-fields.js';

/** Pages with one address after the other that lie one after the other in the pages file. */
export interface PageRun {
  /** Address of the first page, in bytes. */
  readonly address: number;
  readonly pages: number;
}

/** What a pagemap says about its pages file. */
export interface Pagemap {
  /** The pages are in `pages-ID.img`. */
  readonly pagesId: number;
  /** In the order of the file, without what is not in it (pages of a parent, holes). */
  readonly runs: readonly PageRun[];
}

const IMG_COMMON_MAGIC = 0x54564319;
const PAGEMAP_MAGIC = 0x56084025;

/** Of an entry: the pages are in this file. */
const PRESENT = 4;

/**
 * Reads `pagemap-*.img` of CRIU (criu/images/pagemap.proto): two magic numbers, then messages, each behind its u32 length: the head
 * {pages_id = 1} and entries {vaddr = 1, compat_nr_pages = 2, in_parent = 3, flags = 4, nr_pages = 5}. Throws an Error with what is wrong.
 */
export function parsePagemap(bytes: Buffer): Pagemap {
  if (bytes.length < 8 || bytes.readUInt32LE(0) !== IMG_COMMON_MAGIC || bytes.readUInt32LE(4) !== PAGEMAP_MAGIC) {
    throw new Error('it is no pagemap of CRIU');
  }
  const [head, ...entries] = messages(bytes);
  const pagesId = head?.get(1);
  if (pagesId === undefined) throw new Error('the pagemap has no head');
  return { pagesId, runs: entries.flatMap(runOf) };
}

function* messages(bytes: Buffer): Generator<ReadonlyMap<number, number>, void> {
  for (let at = 8; at < bytes.length;) {
    const size = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Infinity;
    if (at + 4 + size > bytes.length) throw new Error(`the pagemap ends in the middle of an entry at ${at}`);
    yield readFields(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
}

function runOf(entry: ReadonlyMap<number, number>): PageRun[] {
  const address = entry.get(1);
  // 4.2 counts in field 5 and leaves 0 in field 2; older ones have field 2 alone.
  const pages = entry.get(5) ?? entry.get(2);
  if (address === undefined || pages === undefined || address % PAGE_BYTES !== 0) throw new Error('a broken entry');
  const flags = entry.get(4);
  const present = flags === undefined ? entry.get(3) !== 1 : (flags & PRESENT) !== 0;
  return present && pages > 0 ? [{ address, pages }] : [];
}
