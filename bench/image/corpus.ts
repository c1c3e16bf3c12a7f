// SPDX-License-Identifier: Apache-2.0
import { createCipheriv } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PAGE_BYTES } from '@grit/plugin-api';
import { KIND, firstPages, laterPages, type PageList } from './page-list.js';
import { randomNumbers } from './random.js';

/** Pages of `pages-1.img` at full size: 4832 MB. */
const PAGES = 1_179_648;
const ROOTFS_BYTES = 201_000_000;
const SMALL_FILES = 300;
const BLOCK_PAGES = 1024;

/** Makes the two directories of the synthetic corpus: about 5 GB each at scale 1, the second a later state of the first. */
export async function makeCorpus(directory: string, scale: number): Promise<{ first: string; second: string }> {
  const [first, second] = [join(directory, 'c1'), join(directory, 'c2')];
  const pages = firstPages(Math.round(PAGES * scale));
  await makeImage(first, pages, scale, 0);
  await makeImage(second, laterPages(pages), scale, 3);
  return { first, second };
}

async function makeImage(directory: string, pages: PageList, scale: number, changedFiles: number): Promise<void> {
  await mkdir(join(directory, 'small'), { recursive: true });
  await writePages(join(directory, 'pages-1.img'), pages);
  const rootfs = keystream(7, Math.round(ROOTFS_BYTES * scale));
  for (let at = 0; at < rootfs.length; at += 3) rootfs[at] = 0x20;
  await writeFile(join(directory, 'rootfs-diff.tar'), rootfs);
  const random = randomNumbers(3);
  for (let index = 0; index < SMALL_FILES; index++) {
    const bytes = keystream(100 + index + (index < changedFiles ? 1000 : 0), Math.floor(random() * 20_000));
    await writeFile(join(directory, 'small', `file-${index}`), bytes);
  }
}

async function writePages(path: string, { kinds, keys }: PageList): Promise<void> {
  await using file = await open(path, 'w');
  const block = Buffer.alloc(BLOCK_PAGES * PAGE_BYTES);
  for (let from = 0; from < kinds.length; from += BLOCK_PAGES) {
    const pages = Math.min(BLOCK_PAGES, kinds.length - from);
    for (let page = 0; page < pages; page++) {
      fillPage(
        block.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES),
        kinds[from + page] ?? 0,
        keys[from + page] ?? 0,
      );
    }
    await file.write(block, 0, pages * PAGE_BYTES);
  }
}

function fillPage(page: Buffer, kind: number, key: number): void {
  page.fill(0);
  if (kind === KIND.zero) return;
  keystream(key, PAGE_BYTES).copy(page);
  if (kind === KIND.random) return;
  // Like a heap: pointers with equal tops, small counts, and much that is empty.
  for (let at = 0; at < PAGE_BYTES; at += 16) {
    page.writeUInt32LE(0x7f3a, at + 4);
    page.fill(0, at + 9, at + 16);
  }
}

/** Bytes that look random and are the same for the same key. */
function keystream(key: number, bytes: number): Buffer {
  const counter = Buffer.alloc(16);
  counter.writeUInt32BE(key, 0);
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 'grit'), counter).update(Buffer.alloc(bytes));
}
