// SPDX-License-Identifier: Apache-2.0
import { GritError, type KeyProvider } from '@grit/plugin-api';
import { manifestDigest } from '../format/encode-manifest.js';
import type { Envelope } from '../format/envelope.js';
import type { ImageManifest } from '../format/image-manifest.js';
import { parseSealed } from '../format/parse-manifest.js';
import { unwrapped } from './data-key.js';
import { ImageKeys } from './image-keys.js';
import { unseal } from './sealed-bytes.js';

/** An encrypted image that can be read. */
export interface OpenedEnvelope {
  readonly manifest: ImageManifest;
  readonly keys: ImageKeys;
  /** Digest of the sealed manifest's bytes: rotation of keys does not change it. */
  readonly digest: string;
  /** For {@link rewrapped} alone. */
  readonly dataKey: Uint8Array;
}

/** Opens an envelope with the key it needs. Errors: those of `unwrap`; GRIT_IMAGE_MANIFEST_INVALID; GRIT_ABORTED. */
export async function openEnvelope(
  { checkpoint, key, sealed }: Envelope,
  keys: KeyProvider | undefined,
  signal: AbortSignal,
): Promise<OpenedEnvelope> {
  const dataKey = await unwrapped(keys, key, signal);
  const bytes = await unseal(dataKey, 'manifest', sealed, signal);
  if (bytes === undefined) throw invalid('what is sealed is not what was sealed with its key');
  const { manifest, packKeys } = parseSealed(bytes);
  if (manifest.checkpoint !== checkpoint) throw invalid(`it is the one of checkpoint ${manifest.checkpoint}`);
  const packs = new Map(manifest.packs.map(({ name }, index) => [name, packKeys[index] ?? new Uint8Array()]));
  const { keyId } = key;
  return {
    manifest: { ...manifest, encryption: { keyId } },
    keys: new ImageKeys(keyId, dataKey, packs),
    digest: manifestDigest(bytes),
    dataKey,
  };
}

function invalid(what: string): GritError {
  return new GritError('GRIT_IMAGE_MANIFEST_INVALID', `the manifest cannot be used: ${what}`);
}
