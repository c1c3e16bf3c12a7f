// SPDX-License-Identifier: Apache-2.0
import type { KeyProvider } from '@grit/plugin-api';
import { keyRing } from '../../src/crypto/key-ring.js';

/** Two keys that are nobody's. */
export const KEYS = { a: Buffer.alloc(32, 0xa1), b: Buffer.alloc(32, 0xb2) } as const;

/** Both keys, with this one as the current one. */
export function ringOf(current: keyof typeof KEYS): KeyProvider {
  return keyRing({ current, keys: KEYS });
}

/** This key alone. */
export function onlyKey(id: keyof typeof KEYS): KeyProvider {
  return keyRing({ current: id, keys: { [id]: KEYS[id] } });
}
