// SPDX-License-Identifier: Apache-2.0
import type { SecretKey } from './checkpoint-store.js';

/** Names become parts of a path. */
export const NAME_OF_SECRET = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
export const NAME_OF_KEY = /^(?!\.\.?$)[-._a-zA-Z0-9]{1,253}$/;

/** True for `xFrom` with an object: what stands there must be a reference. */
export function isReference(key: string, value: unknown): boolean {
  return /.From$/.test(key) && typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for `{ secret: { name, key } }` and nothing else. */
export function isSecretKey(value: unknown): value is SecretKey {
  return (
    hasOnly(value, ['secret']) && hasOnly(value.secret, ['name', 'key']) && Object.values(value.secret).every(isText)
  );
}

function hasOnly<K extends string>(value: unknown, keys: readonly K[]): value is Record<K, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const found = Object.keys(value);
  return found.length === keys.length && keys.every((key) => found.includes(key));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
