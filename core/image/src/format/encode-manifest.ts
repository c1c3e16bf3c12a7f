// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { ImageManifest } from './image-manifest.js';

/**
 * The bytes of a manifest: canonical JSON and a line feed. Equal manifests have equal bytes. The parts must be sorted already, since
 * their rows are in the table in this order; `parseManifest` refuses others.
 */
export function encodeManifest(manifest: ImageManifest): Buffer {
  return Buffer.from(`${canonicalJson(manifest)}\n`);
}

/** Digest of a manifest's bytes, as the catalog keeps it: always sha256, whatever hash the image has. */
export function manifestDigest(bytes: Uint8Array): string {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}
