// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import type { WrappedKey } from '@grit/plugin-api';
import { isImageId } from '../check-image-id.js';
import { MAX_WRAPPED_BYTES, isKeyId } from '../crypto/data-key.js';
import { SEAL_BYTES } from '../crypto/sealed-bytes.js';
import { base64Bytes } from './base64-bytes.js';
import { canonicalJson } from './canonical-json.js';
import { fields, isObject, need, withFields, type Fields } from './check-fields.js';
import { ENCRYPTION_FEATURE, MANIFEST_VERSION } from './image-manifest.js';

/** The manifest of an encrypted image as the store has it: nothing but what a reader without the key must know. */
export interface Envelope {
  readonly checkpoint: string;
  /** The data key of the image. */
  readonly key: WrappedKey;
  /** The sealed bytes of the manifest that readers with the key see. */
  readonly sealed: Uint8Array;
  /** All of its fields, those of later versions too. */
  readonly fields: Fields;
}

/** Whether a parsed manifest says that it is an envelope. */
export function isEnvelope(value: unknown): value is Fields {
  return isObject(value) && Array.isArray(value.requires) && value.requires.includes(ENCRYPTION_FEATURE);
}

/** Checks a parsed envelope; throws an Error that says what is wrong. Version and features were looked at before. */
export function checkEnvelope(value: Fields): Envelope {
  const { checkpoint, encryption } = withFields(value, 'manifest', ['checkpoint', 'encryption']);
  need(isImageId(checkpoint), 'checkpoint');
  const { keyId, wrapped, sealed, check } = fields(encryption, 'encryption', ['keyId', 'wrapped', 'sealed', 'check']);
  need(isKeyId(keyId), 'keyId');
  const key = base64Bytes(wrapped);
  need(key !== undefined && key.length > 0 && key.length <= MAX_WRAPPED_BYTES, 'wrapped key');
  const bytes = base64Bytes(sealed);
  need(bytes !== undefined && bytes.length > SEAL_BYTES, 'sealed manifest');
  need(check === checkOf(value), 'check of the encryption');
  return {
    checkpoint: checkpoint as string,
    key: { keyId: keyId as string, wrapped: key ?? new Uint8Array() },
    sealed: bytes ?? new Uint8Array(),
    fields: value,
  };
}

/** The bytes of the envelope of a sealed manifest. */
export function newEnvelope(checkpoint: string, key: WrappedKey, sealed: Uint8Array): Buffer {
  return encoded({
    version: MANIFEST_VERSION,
    requires: [ENCRYPTION_FEATURE],
    checkpoint,
    encryption: { sealed: Buffer.from(sealed).toString('base64'), ...keyFields(key) },
  });
}

/** The bytes of the same envelope with the data key wrapped anew. */
export function rewrapped({ fields: old }: Envelope, key: WrappedKey): Buffer {
  return encoded({ ...old, encryption: { ...(old.encryption as Fields), ...keyFields(key) } });
}

function keyFields({ keyId, wrapped }: WrappedKey): Fields {
  return { keyId, wrapped: Buffer.from(wrapped).toString('base64') };
}

function encoded(envelope: Fields): Buffer {
  const encryption = { ...(envelope.encryption as Fields), check: checkOf(envelope) };
  return Buffer.from(`${canonicalJson({ ...envelope, encryption })}\n`);
}

/**
 * Digest of the envelope without the check itself. It tells a damaged envelope from a wrong key, which look alike otherwise, and
 * protects from nobody.
 */
function checkOf(envelope: Fields): string {
  const encryption = { ...(envelope.encryption as Fields), check: undefined };
  return `sha256:${hash('sha256', canonicalJson({ ...envelope, encryption }), 'hex')}`;
}
