// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type KeyProvider, type StorageProvider } from '@grit/plugin-api';
import type { Envelope } from '../format/envelope.js';
import { rewrapped } from '../format/envelope.js';
import { parseStored } from '../format/parse-manifest.js';
import { unwrapped, wrapped } from './data-key.js';

/**
 * The manifest of an image as another store takes it together with the same objects: byte for byte where that store has the image's key,
 * too, else with its data key wrapped by the key of that store. Errors: GRIT_UNSUPPORTED where one of the two encrypts and the other does
 * not; GRIT_KEY_UNKNOWN, GRIT_KEY_WRONG and GRIT_KEY_UNAVAILABLE for the key that the image has; GRIT_IMAGE_MANIFEST_INVALID.
 */
export async function manifestForStore(
  manifest: Uint8Array,
  from: Pick<StorageProvider, 'keys'>,
  to: Pick<StorageProvider, 'keys'>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { envelope } = parseStored(manifest);
  if (envelope === undefined && to.keys === undefined) return manifest;
  if (envelope === undefined || to.keys === undefined) {
    const [image, store] = envelope === undefined ? ['is not', 'is'] : ['is', 'is not'];
    throw new GritError('GRIT_UNSUPPORTED', `the image ${image} encrypted, and the target ${store}`, {
      hint: 'Its objects cannot be copied as they are: it has to be packed anew.',
    });
  }
  const dataKey = await unwrapped(from.keys, envelope.key, signal);
  if (await opens(to.keys, envelope, dataKey, signal)) return manifest;
  return rewrapped(envelope, await wrapped(to.keys, dataKey, signal));
}

async function opens(keys: KeyProvider, { key }: Envelope, dataKey: Uint8Array, signal: AbortSignal): Promise<boolean> {
  try {
    return Buffer.from(await unwrapped(keys, key, signal)).equals(dataKey);
  } catch (error) {
    if (isGritError(error) && ['GRIT_KEY_UNKNOWN', 'GRIT_KEY_WRONG'].includes(error.code)) return false;
    throw error;
  }
}
