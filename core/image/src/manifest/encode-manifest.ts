// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import type { ImageManifest } from './image-manifest.js';

/** The bytes of a manifest: JSON with sorted keys and parts, no white space. Equal manifests have equal bytes. */
export function encodeManifest(manifest: ImageManifest): Uint8Array {
  const parts = [...manifest.parts].sort((a, b) => (a.name < b.name ? -1 : 1));
  return Buffer.from(`${canonicalJson({ ...manifest, parts })}\n`);
}

/** Digest of a manifest's bytes, as the catalog keeps it. */
export function manifestDigest(bytes: Uint8Array): string {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
}
