// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { CHECKPOINTS } from '../../api/kinds.js';
import type { Restore } from '../../api/restore.js';
import type { AdmissionContext } from '../admission-context.js';
import { look } from '../look.js';
import { USABLE } from './checkpoint-fact.js';

/** Whether its image is there and verified. */
export function isUsable({ metadata, status }: Checkpoint): boolean {
  if (metadata.deletionTimestamp !== undefined || status?.phase === 'Failed') return false;
  // The agent says so before the phase does, and the controller makes the Restore of a move at once.
  const reported = status?.report?.phase === 'Succeeded' && status.report.image !== undefined;
  return reported || USABLE.includes(status?.phase);
}

/** The Checkpoint of a Restore; undefined when there is none. */
export function checkpointOf(
  { client, informers }: AdmissionContext,
  restore: Restore,
  namespace: string,
  signal: AbortSignal,
): Promise<Checkpoint | undefined> {
  const { checkpointName: name, checkpointNamespace } = restore.spec;
  const sources = { client, informer: informers.checkpoints, type: CHECKPOINTS };
  return look(sources, { namespace: checkpointNamespace ?? namespace, name }, isUsable, signal);
}
