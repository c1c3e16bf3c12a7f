// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import { RESTORES } from '../../api/kinds.js';
import type { Restore } from '../../api/restore.js';
import { isUnfinished } from '../../pods/is-waiting.js';
import type { AdmissionContext } from '../admission-context.js';
import { waitingFor } from './waits-for.js';

/** The Restores of a namespace that are not finished, as far as the cache knows; the oldest first. */
export function knownRestores({ informers }: AdmissionContext, namespace: string): readonly Restore[] {
  return inOrder(informers.restores.list().filter(({ metadata }) => metadata.namespace === namespace));
}

/** The Restores that a pod may take, from the API server; the oldest first. */
export async function restoresFor(
  { client }: AdmissionContext,
  pod: Pod,
  signal: AbortSignal,
): Promise<readonly Restore[]> {
  const namespace = pod.metadata.namespace ?? '';
  return inOrder((await client.list(RESTORES, { namespace, labelSelector: waitingFor(pod) }, signal)).items);
}

function inOrder(restores: readonly Restore[]): Restore[] {
  const key = ({ metadata }: Restore): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return restores.filter(isUnfinished).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
