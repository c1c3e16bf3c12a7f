// SPDX-License-Identifier: Apache-2.0
import { link, lstat, rm } from 'node:fs/promises';
import { isErrno } from './storage-error.js';

/** What `link` says where there is another file system, or one without hard links. */
const NO_LINKS = ['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS'];

/** Makes a hard link to a file. False, and nothing is left, where there can be none or the source is no plain file. */
export async function linkFile(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
  } catch (error) {
    if (isErrno(error, ...NO_LINKS)) return false;
    throw error;
  }
  if ((await lstat(target)).isFile()) return true;
  await rm(target, { force: true });
  return false;
}
