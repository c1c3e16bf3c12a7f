// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError } from '@grit/plugin-api';
import { encodeManifest } from './encode-manifest.js';
import type { ImageManifest } from './image-manifest.js';
import { checkManifest } from './check-manifest.js';

/** Far above any manifest (one part of 4 TiB), far below what would hurt. */
const MAX_BYTES = 192 * 1024 * 1024;

/**
 * Reads a manifest and trusts nothing in it: every field, name, size and digest is checked, unknown fields are refused, and the
 * bytes must be the ones that `encodeManifest` writes. Throws GRIT_IMAGE_MANIFEST_INVALID.
 */
export function parseManifest(bytes: Uint8Array): ImageManifest {
  try {
    if (bytes.length > MAX_BYTES) throw new Error(`${bytes.length} bytes are too many`);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const manifest = checkManifest(JSON.parse(text));
    if (Buffer.compare(encodeManifest(manifest), bytes) !== 0) throw new Error('it is not in its canonical form');
    return manifest;
  } catch (error) {
    const why = (error as Error).message;
    throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', `the manifest cannot be used: ${why}`, {
      ...(isGritError(error) ? { details: error.details } : {}),
      cause: error,
    });
  }
}
