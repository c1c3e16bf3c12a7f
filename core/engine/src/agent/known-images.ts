// SPDX-License-Identifier: Apache-2.0
import { openImage, type ImageReader } from '@grit/image';
import type { Logger, StorageProvider } from '@grit/plugin-api';

/**
 * Opens the images whose chunks a dump may use again, in their order. One that cannot be opened is left out: it costs bytes, never
 * the checkpoint.
 */
export async function openKnownImages(
  storage: StorageProvider,
  checkpoints: readonly string[],
  { signal, logger }: { readonly signal: AbortSignal; readonly logger: Logger },
): Promise<ImageReader[]> {
  const opened = await Promise.allSettled(checkpoints.map((id) => openImage(storage, id, signal)));
  signal.throwIfAborted();
  return opened.flatMap((result, index) => {
    if (result.status === 'fulfilled') return [result.value];
    logger.warn('an earlier image is not used', {
      checkpoint: checkpoints[index] ?? '',
      reason: String(result.reason),
    });
    return [];
  });
}
