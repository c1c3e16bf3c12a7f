// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type ErrorCode } from '@grit/plugin-api';

const CODES: Readonly<Partial<Record<string, ErrorCode>>> = {
  ENOSPC: 'GRIT_STORAGE_FULL',
  EDQUOT: 'GRIT_STORAGE_FULL',
  EFBIG: 'GRIT_STORAGE_FULL',
  EROFS: 'GRIT_STORAGE_READ_ONLY',
  EACCES: 'GRIT_STORAGE_READ_ONLY',
  EPERM: 'GRIT_STORAGE_READ_ONLY',
  ESTALE: 'GRIT_STORAGE_UNAVAILABLE',
  ENOTCONN: 'GRIT_STORAGE_UNAVAILABLE',
  ETIMEDOUT: 'GRIT_STORAGE_UNAVAILABLE',
  EHOSTDOWN: 'GRIT_STORAGE_UNAVAILABLE',
  ENODEV: 'GRIT_STORAGE_UNAVAILABLE',
  ENXIO: 'GRIT_STORAGE_UNAVAILABLE',
};

/** Gives what the operating system said about a file that we write its code; GRIT_STORAGE_IO for all that has none of its own. */
export function codedPackError(error: unknown, path: string): GritError {
  if (isGritError(error)) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new GritError(CODES[code] ?? 'GRIT_STORAGE_IO', `${path}: ${message}`, { cause: error, details: { path } });
}
