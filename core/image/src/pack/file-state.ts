// SPDX-License-Identifier: Apache-2.0
import { lstat } from 'node:fs/promises';
import { fileChanged, localFileError } from '../digest/open-local.js';
import type { FileState } from './pack-request.js';

/** Reads the state of a regular file. Errors: GRIT_IMAGE_PART_MISSING; GRIT_IMAGE_PART_CORRUPT for something else than a file. */
export async function fileState(path: string): Promise<FileState> {
  try {
    const { dev, ino, size, mtimeNs, isFile } = await statOf(path);
    if (!isFile) throw fileChanged(path, 'is no regular file');
    return { path, device: `${dev}`, inode: `${ino}`, size: Number(size), changed: `${mtimeNs}` };
  } catch (error) {
    throw localFileError(error, path);
  }
}

/** Throws GRIT_IMAGE_PART_CORRUPT when the file is not as it was. */
export async function checkUnchanged(file: FileState): Promise<void> {
  const now = await fileState(file.path);
  const same = now.device === file.device && now.inode === file.inode;
  if (!same || now.size !== file.size || now.changed !== file.changed) {
    throw fileChanged(file.path, 'changed while it was packed');
  }
}

async function statOf(
  path: string,
): Promise<{ dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; isFile: boolean }> {
  const stat = await lstat(path, { bigint: true });
  const { dev, ino, size, mtimeNs } = stat;
  return { dev, ino, size, mtimeNs, isFile: stat.isFile() };
}
