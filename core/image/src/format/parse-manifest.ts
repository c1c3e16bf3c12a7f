// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError } from '@grit/plugin-api';
import { checkManifest } from './check-manifest.js';
import { encodeManifest } from './encode-manifest.js';
import { MAX_MANIFEST_BYTES } from './format-limits.js';
import type { ImageManifest } from './image-manifest.js';

/**
 * Reads a manifest and trusts nothing in it: every field, name, size and digest is checked, and the bytes must be the ones that
 * `encodeManifest` writes. Top-level fields that are not known are kept; see FORMAT.md for what a later version may change.
 * Throws GRIT_IMAGE_MANIFEST_INVALID.
 */
export function parseManifest(bytes: Uint8Array): ImageManifest {
  try {
    if (bytes.length > MAX_MANIFEST_BYTES) throw new Error(`${bytes.length} bytes are too many`);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const manifest = checkManifest(JSON.parse(text));
    if (!encodeManifest(manifest).equals(bytes)) throw new Error('it is not in its canonical form');
    return manifest;
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
