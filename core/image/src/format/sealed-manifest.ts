// SPDX-License-Identifier: Apache-2.0
import { KEY_BYTES } from '../crypto/chunk-cipher.js';
import { base64Bytes } from './base64-bytes.js';
import { canonicalJson } from './canonical-json.js';
import { fields, need } from './check-fields.js';
import { ENCRYPTION_FEATURE, type ImageManifest } from './image-manifest.js';

/** A manifest as it is sealed: with the keys of its packs, in their order. */
export interface SealedManifest {
  /** Its `encryption` is null here, and left to the envelope. */
  readonly manifest: ImageManifest;
  readonly packKeys: readonly Uint8Array[];
}

/** The bytes that are sealed, and that the digest in the catalog is of: canonical JSON and a line feed. */
export function encodeSealed({ manifest, packKeys }: SealedManifest): Buffer {
  const packs = packKeys.map((key) => Buffer.from(key).toString('base64'));
  const whole = { ...manifest, requires: [ENCRYPTION_FEATURE], encryption: { packs } };
  return Buffer.from(`${canonicalJson(whole)}\n`);
}

/** The keys in the field `encryption` of such a manifest; throws an Error that says what is wrong. */
export function checkPackKeys(encryption: unknown, packs: number): readonly Uint8Array[] {
  const list = fields(encryption, 'encryption', ['packs']).packs;
  need(Array.isArray(list) && list.length === packs, 'keys of packs');
  return (list as readonly unknown[]).map((text) => {
    const key = base64Bytes(text);
    if (key?.length !== KEY_BYTES) throw new Error('key of a pack is wrong');
    return Uint8Array.from(key);
  });
}
