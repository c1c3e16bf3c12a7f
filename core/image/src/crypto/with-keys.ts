// SPDX-License-Identifier: Apache-2.0
import type { KeyProvider, StorageProvider } from '@grit/plugin-api';

/** The same store with keys: what is written to it is encrypted. The provider itself knows nothing of them. */
export function withKeys(provider: StorageProvider, keys: KeyProvider): StorageProvider {
  return new Proxy(provider, {
    get(target, name) {
      if (name === 'keys') return keys;
      const value: unknown = Reflect.get(target, name);
      // Private fields are those of the provider.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    has: (target, name) => name === 'keys' || Reflect.has(target, name),
  });
}
