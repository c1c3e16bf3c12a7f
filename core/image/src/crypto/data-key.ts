// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { GritError, type KeyProvider, type WrappedKey } from '@grit/plugin-api';
import { KEY_BYTES } from './chunk-cipher.js';

/** Most bytes of a wrapped data key. */
export const MAX_WRAPPED_BYTES = 4096;

const KEY_ID = /^[A-Za-z0-9._:/-]{1,128}$/;

/** Whether it can be the name of a key. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && KEY_ID.test(value);
}

/** A data key for a new image. Errors: GRIT_KEY_UNAVAILABLE. */
export async function newDataKey(
  keys: KeyProvider,
  signal: AbortSignal,
): Promise<{ readonly dataKey: Uint8Array; readonly wrapped: WrappedKey }> {
  const dataKey = Uint8Array.from(randomBytes(KEY_BYTES));
  return { dataKey, wrapped: await wrapped(keys, dataKey, signal) };
}

/** Wraps a data key with the current key. Errors: GRIT_KEY_UNAVAILABLE. */
export async function wrapped(keys: KeyProvider, dataKey: Uint8Array, signal: AbortSignal): Promise<WrappedKey> {
  const key = await keys.wrap(dataKey, signal);
  // What could not be read again must not be stored.
  if (isKeyId(key.keyId) && key.wrapped.length <= MAX_WRAPPED_BYTES && key.wrapped.length > 0) return key;
  throw new GritError('GRIT_INTERNAL', 'the key provider gave a wrapped key that cannot be stored');
}

/** Errors: GRIT_KEY_UNKNOWN, also where there are no keys at all; GRIT_KEY_WRONG; GRIT_KEY_UNAVAILABLE. */
export async function unwrapped(
  keys: KeyProvider | undefined,
  key: WrappedKey,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (keys === undefined) {
    throw new GritError('GRIT_KEY_UNKNOWN', `it is encrypted with key ${key.keyId}, and the store has no keys here`, {
      hint: 'Add `encryption` with this key to the store in grit.yaml.',
      details: { keyId: key.keyId },
    });
  }
  const dataKey = await keys.unwrap(key, signal);
  if (dataKey.length === KEY_BYTES) return dataKey;
  throw new GritError('GRIT_KEY_WRONG', `what key ${key.keyId} unwraps is no data key`, {
    details: { keyId: key.keyId },
  });
}
