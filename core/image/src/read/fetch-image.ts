// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { isGritError, toGritError, type GritError, type LocalPart } from '@grit/plugin-api';
import { namingPart } from '../damage.js';
import type { ImageCallOptions } from '../image-call-options.js';
import { abortError } from '../stream/until-aborted.js';
import { ImageFetch } from './image-fetch.js';
import type { FetchOptions, ImageReader } from './image-reader.js';
import { localWriteError } from './joined-writes.js';
import { loadImage } from './loaded-image.js';
import { temporaryPath } from './target-file.js';

/**
 * Makes a verified copy of an image: part `a/b` becomes the file `a/b` below the directory, which must be nobody else's. Every byte is
 * checked before it is written; a file has its name only when it is whole. What an earlier call left is looked through and kept where
 * it is right, so it continues what was interrupted, also by a crash. Holes stay holes, and the page cache has what was written.
 * Errors: those of {@link ImageReader}, GRIT_NODE_STORAGE_FULL, GRIT_ABORTED.
 */
export async function fetchImage(
  reader: ImageReader,
  directory: string,
  options: ImageCallOptions & FetchOptions,
): Promise<LocalPart[]> {
  const { signal } = options;
  const parts = reader.manifest.parts.map(({ name, kind, size }): LocalPart => {
    return { name, kind, size, path: join(directory, name) };
  });
  try {
    const fetch = new ImageFetch(reader, await loadImage(reader, signal), parts, options);
    try {
      await fetch.run(directory);
    } catch (error) {
      // What could not be read today is wanted when it is tried again; what is damaged is not.
      if (fetch.call.hung || !isRetryable(error, signal)) await fetch.discard();
      throw error;
    }
    return parts;
  } catch (error) {
    throw signal.aborted ? abortError(signal) : naming(error, parts, directory);
  }
}

function isRetryable(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (isGritError(error) && error.retryable && error.code !== 'GRIT_NODE_STORAGE_FULL');
}

/** Errors of the local disk get their code and the part. */
function naming(error: unknown, parts: readonly LocalPart[], directory: string): unknown {
  const known = isGritError(error) ? error : localError(error, directory);
  const path = known.details?.path;
  const part = parts.find((candidate) => candidate.path === path || temporaryPath(candidate.path) === path);
  return part === undefined ? known : namingPart(known, part.name);
}

function localError(error: unknown, directory: string): GritError {
  const { code, path } = error as NodeJS.ErrnoException;
  return code === undefined ? toGritError(error) : localWriteError(error, path ?? directory);
}
