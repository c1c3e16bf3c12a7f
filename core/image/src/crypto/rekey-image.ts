// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type StorageProvider } from '@grit/plugin-api';
import { rewrapped } from '../format/envelope.js';
import { parseStored, type StoredManifest } from '../format/parse-manifest.js';
import { wrapped } from './data-key.js';
import { openEnvelope } from './open-envelope.js';

/** Names of the keys that wrapped an image before and after. */
export interface Rekeyed {
  readonly from: string;
  readonly to: string;
}

/**
 * Wraps the data key of an image with the current key of the store. No data are written, and the digest of the image stays. An image
 * that has the current key already is left alone. May be repeated, also after a crash.
 * Errors: GRIT_KEY_UNKNOWN and GRIT_KEY_WRONG for the key that it has; GRIT_KEY_UNAVAILABLE; GRIT_UNSUPPORTED where the store cannot
 * change manifests; GRIT_REQUEST_INVALID for an image that is not encrypted; those of {@link openImage}.
 */
export async function rekeyImage(provider: StorageProvider, id: string, signal: AbortSignal): Promise<Rekeyed> {
  const { bytes, stored } = await storedManifest(provider, id, signal);
  if (stored.envelope === undefined) {
    throw new GritError('GRIT_REQUEST_INVALID', `checkpoint ${id} is not encrypted`, {
      hint: 'Checkpoints taken before the store had keys stay as they are; take a new one.',
      details: { checkpoint: id },
    });
  }
  const { envelope } = stored;
  const from = envelope.key.keyId;
  try {
    const { dataKey } = await openEnvelope(envelope, provider.keys, signal);
    const { keys } = provider;
    if (keys === undefined || (await keys.currentKeyId(signal)) === from) return { from, to: from };
    if (provider.replaceManifest === undefined) {
      throw new GritError('GRIT_UNSUPPORTED', 'this store cannot replace the manifest of an image', {
        details: { checkpoint: id },
      });
    }
    const key = await wrapped(keys, dataKey, signal);
    await provider.replaceManifest(id, { expected: bytes, manifest: rewrapped(envelope, key) }, signal);
    return { from, to: key.keyId };
  } catch (error) {
    throw ofCheckpoint(error, id);
  }
}

/**
 * Name of the key that a reader of the image needs; undefined for one that is not encrypted. Needs no key.
 * Errors: GRIT_CHECKPOINT_NOT_FOUND, GRIT_IMAGE_MANIFEST_MISSING, GRIT_IMAGE_MANIFEST_INVALID, and those of the storage.
 */
export async function imageKeyId(
  provider: StorageProvider,
  id: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await storedManifest(provider, id, signal)).stored.envelope?.key.keyId;
}

async function storedManifest(
  provider: StorageProvider,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly stored: StoredManifest }> {
  try {
    const bytes = await (await provider.open(id, signal)).manifest(signal);
    return { bytes, stored: parseStored(bytes) };
  } catch (error) {
    throw ofCheckpoint(error, id);
  }
}

/** The errors of keys and manifests know nothing of the checkpoint. */
function ofCheckpoint(error: unknown, id: string): unknown {
  if (!isGritError(error) || error.details?.checkpoint !== undefined) return error;
  if (!error.code.startsWith('GRIT_KEY_') && error.code !== 'GRIT_IMAGE_MANIFEST_INVALID') return error;
  return new GritError(error.code, `checkpoint ${id}: ${error.message}`, {
    hint: error.hint,
    cause: error.cause,
    details: { ...error.details, checkpoint: id },
  });
}
