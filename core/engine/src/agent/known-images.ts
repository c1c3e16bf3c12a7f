// SPDX-License-Identifier: Apache-2.0
import { openImage, type ImageReader } from '@grit/image';
import { isGritError, type Logger, type StorageProvider } from '@grit/plugin-api';

/**
 * Opens the images whose chunks a dump may use again, in their order. One that cannot be opened is left out: it costs bytes, never
 * the checkpoint. Throws GRIT_KEY_WRONG: a new image would be encrypted with what somebody takes for the key, and lost when that is set
 * right.
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
    if (isGritError(result.reason) && result.reason.code === 'GRIT_KEY_WRONG') throw result.reason;
    logger.warn('an earlier image is not used', {
      checkpoint: checkpoints[index] ?? '',
      reason: String(result.reason),
    });
    return [];
  });
}
