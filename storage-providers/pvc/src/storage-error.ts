// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type ErrorCode } from '@grit/plugin-api';

/** What was being done when the operating system said no. */
export interface StorageAction {
  readonly checkpoint?: string | undefined;
  /** The part's name, or `manifest.json`. */
  readonly part?: string | undefined;
  /** True where a missing permission means that the store is read-only for us. */
  readonly writes: boolean;
}

const CODES: Readonly<Partial<Record<string, ErrorCode>>> = {
  ENOSPC: 'GRIT_STORAGE_FULL',
  EDQUOT: 'GRIT_STORAGE_FULL',
  EFBIG: 'GRIT_STORAGE_FULL',
  EROFS: 'GRIT_STORAGE_READ_ONLY',
  // A network volume whose server is gone.
  ESTALE: 'GRIT_STORAGE_UNAVAILABLE',
  ENOTCONN: 'GRIT_STORAGE_UNAVAILABLE',
  ETIMEDOUT: 'GRIT_STORAGE_UNAVAILABLE',
  EHOSTDOWN: 'GRIT_STORAGE_UNAVAILABLE',
  EHOSTUNREACH: 'GRIT_STORAGE_UNAVAILABLE',
  ENODEV: 'GRIT_STORAGE_UNAVAILABLE',
  ENXIO: 'GRIT_STORAGE_UNAVAILABLE',
};
const DENIED = ['EACCES', 'EPERM'];

/** Gives an error of the operating system its code, and names the part. */
export function storageError(error: unknown, path: string, action: StorageAction): GritError {
  if (isGritError(error)) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const mapped = action.writes && DENIED.includes(code) ? 'GRIT_STORAGE_READ_ONLY' : CODES[code];
  return raise(mapped ?? 'GRIT_STORAGE_IO', message, path, action, error);
}

/** A GritError that names store, checkpoint and part. */
export function raise(
  code: ErrorCode,
  what: string,
  path: string,
  { checkpoint, part }: Pick<StorageAction, 'checkpoint' | 'part'>,
  cause?: unknown,
): GritError {
  const place = [part && `part ${part}`, checkpoint && `checkpoint ${checkpoint}`].filter(Boolean).join(' of ');
  return new GritError(code, `store ${path}${place && `, ${place}`}: ${what}`, {
    cause,
    details: { store: path, ...(checkpoint && { checkpoint }), ...(part && { part }) },
  });
}

/** True for an error of the operating system with one of the codes. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
