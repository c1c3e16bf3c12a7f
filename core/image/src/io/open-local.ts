// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { GritError, isGritError } from '@grit/plugin-api';

/** Opens a file for reading; never through a symbolic link. Errors: see {@link localFileError}. */
export async function openLocal(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw localFileError(error, path);
  }
}

/** The error for a file that did not stay as it was. */
export function fileChanged(path: string, what: string): GritError {
  return new GritError('GRIT_IMAGE_PART_CORRUPT', `${path} ${what}`, {
    hint: 'Something still wrote to the file while it was stored; nothing was committed. Try again.',
    details: { path },
  });
}

/** Gives what reading a local file threw its code. */
export function localFileError(error: unknown, path: string): GritError {
  if (isGritError(error)) return error;
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const code = missing ? 'GRIT_IMAGE_PART_MISSING' : 'GRIT_IMAGE_PART_CORRUPT';
  const message = missing ? `${path} does not exist` : `${path} cannot be read: ${(error as Error).message}`;
  return new GritError(code, message, { cause: error, details: { path } });
}
