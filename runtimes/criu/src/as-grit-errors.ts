// SPDX-License-Identifier: Apache-2.0
import { toGritError, type ErrorCode } from '@grit/plugin-api';

/** Runs it; whatever it throws leaves as a GritError. */
export async function asGritErrors<T>(code: ErrorCode, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const full = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC';
    throw toGritError(error, full ? 'GRIT_NODE_STORAGE_FULL' : code);
  }
}
