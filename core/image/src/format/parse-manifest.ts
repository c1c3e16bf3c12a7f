// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError } from '@grit/plugin-api';
import { canonicalJson } from './canonical-json.js';
import { checkFeatures, checkManifest, checkSealed } from './check-manifest.js';
import { checkEnvelope, isEnvelope, type Envelope } from './envelope.js';
import { MAX_MANIFEST_BYTES } from './format-limits.js';
import type { ImageManifest } from './image-manifest.js';
import type { SealedManifest } from './sealed-manifest.js';

/**
 * Reads a manifest and trusts nothing in it: every field, name, size and digest is checked, and the bytes must be the ones that
 * `encodeManifest` writes. Top-level fields that are not known are kept; see FORMAT.md for what a later version may change.
 * Throws GRIT_IMAGE_MANIFEST_INVALID; GRIT_KEY_UNKNOWN for the one of an encrypted image, which needs its key.
 */
export function parseManifest(bytes: Uint8Array): ImageManifest {
  const { manifest, envelope } = parseStored(bytes);
  if (manifest !== undefined) return manifest;
  const { keyId } = envelope.key;
  throw new GritError('GRIT_KEY_UNKNOWN', `the image is encrypted with key ${keyId}`, { details: { keyId } });
}

/** A manifest as a store has it: in clear, or in an envelope. */
export type StoredManifest =
  | { readonly manifest: ImageManifest; readonly envelope?: undefined }
  | { readonly manifest?: undefined; readonly envelope: Envelope };

/** Reads what a store has as the manifest, encrypted or not. Throws GRIT_IMAGE_MANIFEST_INVALID. */
export function parseStored(bytes: Uint8Array): StoredManifest {
  return parsed(bytes, (value) => {
    checkFeatures(value);
    return isEnvelope(value) ? { envelope: checkEnvelope(value) } : { manifest: checkManifest(value) };
  });
}

/** Reads the manifest that was in an envelope. Throws GRIT_IMAGE_MANIFEST_INVALID. */
export function parseSealed(bytes: Uint8Array): SealedManifest {
  return parsed(bytes, checkSealed);
}

function parsed<T>(bytes: Uint8Array, check: (value: unknown) => T): T {
  try {
    if (bytes.length > MAX_MANIFEST_BYTES) throw new Error(`${bytes.length} bytes are too many`);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    const result = check(value);
    if (`${canonicalJson(value)}\n` !== text) throw new Error('it is not in its canonical form');
    return result;
  } catch (error) {
    // A version that is too new says so itself.
    if (isGritError(error) && error.message.startsWith(PREFIX)) throw error;
    // What is wrong may be the length of a name.
    throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', `${PREFIX}${(error as Error).message.slice(0, 500)}`, {
      ...(isGritError(error) ? { details: error.details } : {}),
      cause: error,
    });
  }
}

const PREFIX = 'the manifest cannot be used: ';
