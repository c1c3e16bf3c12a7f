// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Bytes of a key. */
export const KEY_BYTES = 32;

/** Bytes that encryption adds at the end. */
export const TAG_BYTES = 16;

/** The cipher of everything. Its tag is never taken shorter than it is. */
export const CIPHER = 'aes-256-gcm';
export const WHOLE_TAG = { authTagLength: TAG_BYTES } as const;

export const NONCE_BYTES = 12;

/** First byte of a nonce under the key of a pack: what is encrypted. */
const CHUNK = 0;
const INDEX = 1;

/** The key of one pack. */
export function newPackKey(): Uint8Array {
  return Uint8Array.from(randomBytes(KEY_BYTES));
}

/**
 * Encrypts a chunk at its place: the first `bytes` of the room, and after them the tag. Every offset of a pack is encrypted once only,
 * so the nonce can be the offset. Returns the bytes with the tag.
 */
export function encryptChunk(key: Uint8Array, offset: number, room: Uint8Array, bytes: number): number {
  const cipher = createCipheriv(CIPHER, key, packNonce(CHUNK, offset), WHOLE_TAG);
  room.set(cipher.update(room.subarray(0, bytes)));
  cipher.final();
  room.set(cipher.getAuthTag(), bytes);
  return bytes + TAG_BYTES;
}

/** What the stored bytes at that offset were made from; undefined when they are not what was encrypted there with this key. */
export function decryptChunk(key: Uint8Array, offset: number, stored: Uint8Array): Buffer | undefined {
  return decrypted(key, packNonce(CHUNK, offset), stored);
}

/** The entries of a pack's index, encrypted: they have hashes of what was in memory. */
export function encryptIndex(key: Uint8Array, entries: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, packNonce(INDEX, 0), WHOLE_TAG);
  return Buffer.concat([cipher.update(entries), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when it is not the index that was encrypted with this key. */
export function decryptIndex(key: Uint8Array, stored: Uint8Array): Buffer | undefined {
  return decrypted(key, packNonce(INDEX, 0), stored);
}

/** The bytes before the tag in clear; undefined when the tag is not theirs. */
export function decrypted(
  key: Uint8Array,
  nonce: Uint8Array,
  stored: Uint8Array,
  about?: Uint8Array,
): Buffer | undefined {
  const end = stored.length - TAG_BYTES;
  if (end < 0) return undefined;
  const decipher = createDecipheriv(CIPHER, key, nonce, WHOLE_TAG);
  if (about !== undefined) decipher.setAAD(about);
  decipher.setAuthTag(stored.subarray(end));
  const clear = decipher.update(stored.subarray(0, end));
  try {
    decipher.final();
    return clear;
  } catch {
    return undefined;
  }
}

function packNonce(what: number, offset: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt8(what, 0);
  nonce.writeBigUInt64LE(BigInt(offset), 4);
  return nonce;
}
