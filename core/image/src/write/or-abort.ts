// SPDX-License-Identifier: Apache-2.0
import { toGritError, type ImageStorageWriter } from '@grit/plugin-api';
import { abortError } from '../stream/until-aborted.js';

/** Runs the call; when it fails, what the writer has put goes. That error counts, not one of the clearing. */
export async function orAbort<T>(
  writer: ImageStorageWriter | undefined,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    await writer?.abort(new AbortController().signal).catch(() => undefined);
    throw signal.aborted ? abortError(signal) : toGritError(error);
  }
}
