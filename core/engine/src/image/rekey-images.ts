// SPDX-License-Identifier: Apache-2.0
import { imageKeyId, rekeyImage } from '@grit/image';
import { GritError, toGritError, type SerializedGritError, type StorageProvider } from '@grit/plugin-api';

/** What became of the key of an image. */
export interface RekeyedImage {
  readonly checkpoint: string;
  /** Names of the keys before and after; equal when there was nothing to do. Missing for an image that is not encrypted. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Why it has the key that it had. */
  readonly error?: SerializedGritError | undefined;
}

/** Which images, and who is told. */
export interface RekeyOptions {
  readonly signal: AbortSignal;
  /** Default: all. One that is named and is not encrypted is an error. */
  readonly checkpoints?: readonly string[] | undefined;
}

/**
 * Gives the current key of the store to images, one after the other; what goes wrong with one is told and keeps none of the others.
 * May be repeated. Errors: GRIT_REQUEST_INVALID for a store without keys; GRIT_ABORTED; those of `list`.
 */
export async function rekeyImages(
  provider: StorageProvider,
  { signal, checkpoints }: RekeyOptions,
): Promise<RekeyedImage[]> {
  if (provider.keys === undefined) {
    throw new GritError('GRIT_REQUEST_INVALID', 'the storage has no keys', {
      hint: 'Give it `encryption` in grit.yaml: a current key and its file or variable.',
    });
  }
  const all = checkpoints === undefined;
  const results: RekeyedImage[] = [];
  for (const checkpoint of checkpoints ?? (await idsOf(provider, signal))) {
    try {
      const inClear = all && (await imageKeyId(provider, checkpoint, signal)) === undefined;
      results.push(inClear ? { checkpoint } : { checkpoint, ...(await rekeyImage(provider, checkpoint, signal)) });
    } catch (error) {
      signal.throwIfAborted();
      results.push({ checkpoint, error: toGritError(error).toJSON() });
    }
  }
  return results;
}

async function idsOf(provider: StorageProvider, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of provider.list(signal)) ids.push(id);
  return ids.sort();
}
