// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { fileChanged, localFileError } from '../io/open-local.js';
import type { FileState } from './pack-request.js';

/** What was written so short a time ago, in milliseconds, is in the page cache, and may have to be written to the disk still. */
const CACHED_MS = 60_000;

/** Bytes of a block as `stat` counts them. */
const BLOCK_BYTES = 512;

/**
 * Reads the state of a regular file; `cached`: its bytes come fastest from the page cache. Errors: GRIT_IMAGE_PART_MISSING;
 * GRIT_IMAGE_PART_CORRUPT for something else than a file.
 */
export async function fileState(path: string): Promise<FileState & { readonly cached: boolean }> {
  try {
    const stat = await lstat(path, { bigint: true });
    if (!stat.isFile()) throw fileChanged(path, 'is no regular file');
    const size = Number(stat.size);
    // Reading holes would fill the page cache with zeros.
    const sparse = Number(stat.blocks) * BLOCK_BYTES < size / 2;
    const recent = Date.now() - Number(stat.mtimeMs) < CACHED_MS;
    return { path, ...identityOf(stat), size, cached: recent && !sparse };
  } catch (error) {
    throw localFileError(error, path);
  }
}

/** Which file it is, and when it was written last. */
export function identityOf({ dev, ino, mtimeNs }: BigIntStats): Pick<FileState, 'device' | 'inode' | 'changed'> {
  return { device: `${dev}`, inode: `${ino}`, changed: `${mtimeNs}` };
}

/** Throws GRIT_IMAGE_PART_CORRUPT when the file is not as it was. */
export async function checkUnchanged(file: FileState): Promise<void> {
  const now = await fileState(file.path);
  const same = now.device === file.device && now.inode === file.inode;
  if (!same || now.size !== file.size || now.changed !== file.changed) {
    throw fileChanged(file.path, 'changed while it was packed');
  }
}
