// SPDX-License-Identifier: Apache-2.0
import { protectedNamespaces } from '../../admission/validate/protected-namespace.js';
import type { Restore } from '../../api/restore.js';
import { isUnfinished } from '../../pods/is-waiting.js';

/**
 * Namespaces whose new pods are looked at: those with a Restore that has not ended. One that has its pod counts, too: should that pod die before it is
 * restored, the next one is made at once.
 */
export function coveredNamespaces(restores: readonly Restore[], ours: string): string[] {
  const spared = protectedNamespaces(ours);
  const namespaces = restores.filter(isUnfinished).map(({ metadata }) => metadata.namespace ?? '');
  return [...new Set(namespaces)].filter((namespace) => !spared.includes(namespace)).toSorted();
}
