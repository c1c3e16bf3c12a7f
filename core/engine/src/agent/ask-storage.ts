// SPDX-License-Identifier: Apache-2.0
import { isGritError, type StorageProvider } from '@grit/plugin-api';

/**
 * Whoever packs sees files only, and of a store that has vanished only that they are gone. The storage itself knows better: gives its
 * error instead, if it has one.
 */
export async function askStorage(error: unknown, storage: StorageProvider, signal: AbortSignal): Promise<unknown> {
  if (!isGritError(error) || error.code !== 'GRIT_STORAGE_IO') return error;
  return storage.check(signal).then(
    () => error,
    (known: unknown) => (isGritError(known) && !signal.aborted ? known : error),
  );
}
