// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { Restore } from '../../api/restore.js';
import { matchOf, type Match } from '../../pods/matches.js';
import type { AdmissionContext } from '../admission-context.js';
import { checkpointOf } from './source-of.js';

/** As matchOf, with the Checkpoint of the Restore. */
export async function matchRestore(
  context: AdmissionContext,
  pod: Pod,
  restore: Restore,
  signal: AbortSignal,
): Promise<Match> {
  // Most have nothing to do with the pod; the Checkpoint is looked at only of those that may.
  if (matchOf(restore, pod) === 'other') return 'other';
  const checkpoint = await checkpointOf(context, restore, pod.metadata.namespace ?? '', signal);
  return matchOf(restore, pod, checkpoint?.status?.source);
}
