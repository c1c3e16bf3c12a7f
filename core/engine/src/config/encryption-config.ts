// SPDX-License-Identifier: Apache-2.0
import { keyRing, parseKey } from '@grit/image';
import type { KeyProvider } from '@grit/plugin-api';
import type { ConfigIssue } from './config-issue.js';
import type { GritConfig } from './grit-config.js';

/** The keys of a storage plugin. */
export interface EncryptionConfig {
  /** Name of the key of new images. */
  readonly current: string;
  /** By name; text, see parseKey. */
  readonly keys: Readonly<Record<string, { readonly key: string }>>;
}

/** Keys that are none, and current keys that are not there. */
export function checkEncryption({ plugins }: GritConfig, issues: ConfigIssue[]): void {
  for (const [name, { encryption }] of Object.entries(plugins)) {
    if (encryption === undefined) continue;
    const { current, keys } = encryption;
    const path = ['plugins', name, 'encryption'];
    if (!Object.hasOwn(keys, current)) {
      const names = Object.keys(keys).join(', ') || 'none';
      issues.push({ path: [...path, 'current'], message: `no key has the name "${current}"; keys are: ${names}` });
    }
    for (const [id, { key }] of Object.entries(keys)) {
      try {
        parseKey(key, `key ${id}`);
      } catch (error) {
        issues.push({ path: [...path, 'keys', id, 'keyFrom'], message: (error as Error).message });
      }
    }
  }
}

/** The key provider of a storage whose configuration was checked. */
export function keysOf(encryption: EncryptionConfig | undefined): KeyProvider | undefined {
  if (encryption === undefined) return undefined;
  const { current, keys } = encryption;
  return keyRing({ current, keys: Object.fromEntries(Object.entries(keys).map(([id, { key }]) => [id, key])) });
}
