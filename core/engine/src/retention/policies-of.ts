// SPDX-License-Identifier: Apache-2.0
import type { PluginEntry } from '../config/grit-config.js';
import { policyOf, type RetentionPolicy } from './retention-policy.js';

/** The policies of a configuration, by name of the plugin. */
export function policiesOf(
  plugins: Readonly<Record<string, Pick<PluginEntry, 'retention'>>>,
): ReadonlyMap<string, RetentionPolicy> {
  return new Map(
    Object.entries(plugins).flatMap(([name, { retention }]) =>
      retention === undefined ? [] : [[name, policyOf(retention)] as const],
    ),
  );
}
