// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, randomBytes } from 'node:crypto';
import { GritError, type KeyProvider, type WrappedKey } from '@grit/plugin-api';
import { CIPHER, KEY_BYTES, NONCE_BYTES, TAG_BYTES, WHOLE_TAG, decrypted } from './chunk-cipher.js';
import { isKeyId } from './data-key.js';
import { parseKey } from './parse-key.js';

/** Keys of a {@link keyRing}. */
export interface KeyRingOptions {
  /** Name of the key that new images are wrapped with. */
  readonly current: string;
  /** By name: 32 bytes, or their text (see parseKey). All that images in the store were wrapped with. */
  readonly keys: Readonly<Record<string, Uint8Array | string>>;
}

/**
 * A key provider from keys that are at hand. What it wraps is nonce | encrypted | tag, with a random nonce and the name of the key as
 * additional data: 60 bytes. Throws GRIT_CONFIG_INVALID.
 */
export function keyRing({ current, keys }: KeyRingOptions): KeyProvider {
  return new KeyRing(current, new Map(Object.entries(keys).map(([id, key]) => [id, checkedKey(id, key)])));
}

class KeyRing implements KeyProvider {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #key: Uint8Array;

  constructor(
    readonly current: string,
    keys: ReadonlyMap<string, Uint8Array>,
  ) {
    const key = keys.get(current);
    if (key === undefined) throw invalid(`the current key ${JSON.stringify(current)} is not among the keys`);
    this.#keys = keys;
    this.#key = key;
  }

  async currentKeyId(): Promise<string> {
    return this.current;
  }

  async wrap(dataKey: Uint8Array): Promise<WrappedKey> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, WHOLE_TAG);
    cipher.setAAD(Buffer.from(this.current));
    const wrapped = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    return { keyId: this.current, wrapped };
  }

  async unwrap({ keyId, wrapped }: WrappedKey): Promise<Uint8Array> {
    const details = { keyId };
    const key = this.#keys.get(keyId);
    if (key === undefined) throw new GritError('GRIT_KEY_UNKNOWN', `there is no key ${keyId} here`, { details });
    const whole = wrapped.length === NONCE_BYTES + KEY_BYTES + TAG_BYTES;
    const clear = whole
      ? decrypted(key, wrapped.subarray(0, NONCE_BYTES), wrapped.subarray(NONCE_BYTES), Buffer.from(keyId))
      : undefined;
    if (clear !== undefined) return clear;
    throw new GritError('GRIT_KEY_WRONG', `the key ${keyId} here is not the one that was used`, { details });
  }
}

function checkedKey(id: string, key: Uint8Array | string): Uint8Array {
  if (!isKeyId(id)) throw invalid(`${JSON.stringify(id)} cannot be the name of a key`);
  if (typeof key === 'string') return parseKey(key, `key ${id}`);
  if (key.length !== KEY_BYTES) throw invalid(`key ${id} has ${key.length} bytes, not ${KEY_BYTES}`);
  return Uint8Array.from(key);
}

function invalid(message: string): GritError {
  return new GritError('GRIT_CONFIG_INVALID', message);
}
