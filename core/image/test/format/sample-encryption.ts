// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { canonicalJson } from '../../src/format/canonical-json.js';

/** Written by hand from FORMAT.md, without any of the code under test, so that the two must agree. */

/** The key that the vectors are wrapped with: the bytes 0 to 31. */
export const SAMPLE_KEY = {
  id: 'sample',
  bytes: Buffer.from(Array.from({ length: 32 }, (_, index) => index)),
} as const;

/** Keys of an encrypted image. */
export interface SampleKeys {
  readonly dataKey: Buffer;
  /** In the order of the packs. */
  readonly packs: readonly Buffer[];
}

/** What the field `encryption` of an envelope has, and the image that it is of. */
export interface SampleEnvelope {
  readonly checkpoint: string;
  readonly keyId: string;
  readonly wrapped: Buffer;
  readonly sealed: Buffer;
}

export function encryptAt(key: Buffer, what: 'chunk' | 'index', offset: number, bytes: Buffer): Buffer {
  return gcm(key, packNonce(what, offset), bytes);
}

export function decryptAt(key: Buffer, what: 'chunk' | 'index', offset: number, bytes: Buffer): Buffer {
  return ungcm(key, packNonce(what, offset), bytes);
}

export function sealBytes(dataKey: Buffer, label: string, bytes: Buffer): Buffer {
  const nonce = createHmac('sha256', derive(dataKey, label, 'nonce'))
    .update(bytes)
    .digest()
    .subarray(0, 12);
  return Buffer.concat([nonce, gcm(derive(dataKey, label, 'key'), nonce, bytes)]);
}

export function unsealBytes(dataKey: Buffer, label: string, bytes: Buffer): Buffer {
  return ungcm(derive(dataKey, label, 'key'), bytes.subarray(0, 12), bytes.subarray(12));
}

/** Wraps a data key with the sample's key, always in the same bytes. */
export function wrapKey(dataKey: Buffer): Buffer {
  const nonce = Buffer.alloc(12, 9);
  return Buffer.concat([nonce, gcm(SAMPLE_KEY.bytes, nonce, dataKey, Buffer.from(SAMPLE_KEY.id))]);
}

export function unwrapKey(wrapped: Buffer): Buffer {
  return ungcm(SAMPLE_KEY.bytes, wrapped.subarray(0, 12), wrapped.subarray(12), Buffer.from(SAMPLE_KEY.id));
}

/** The bytes of an envelope; with a check that fits, unless one is given. */
export function envelopeBytes({ checkpoint, keyId, wrapped, sealed }: SampleEnvelope, check?: string): Buffer {
  const encryption = { keyId, wrapped: wrapped.toString('base64'), sealed: sealed.toString('base64') };
  const envelope = { version: 2, requires: ['aes-256-gcm'], checkpoint, encryption };
  const fits = `sha256:${createHash('sha256').update(canonicalJson(envelope)).digest('hex')}`;
  return Buffer.from(`${canonicalJson({ ...envelope, encryption: { ...encryption, check: check ?? fits } })}\n`);
}

function derive(dataKey: Buffer, label: string, use: 'key' | 'nonce'): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, '', `grit image 2 ${label} ${use}`, 32));
}

function packNonce(what: 'chunk' | 'index', offset: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce[0] = what === 'chunk' ? 0 : 1;
  nonce.writeUInt32LE(offset, 4);
  return nonce;
}

function gcm(key: Buffer, nonce: Buffer, bytes: Buffer, about = Buffer.alloc(0)): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(about);
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

function ungcm(key: Buffer, nonce: Buffer, bytes: Buffer, about = Buffer.alloc(0)): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(about);
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]);
}
