// SPDX-License-Identifier: Apache-2.0
import type { Restore } from '../api/restore.js';

/** Whether nothing more will become of a Restore. */
export function isFinished(restore: Restore): boolean {
  const { phase, targetPodUID } = restore.status ?? {};
  // One that has failed still has its pod, which does not start; when that is deleted the next pod must not start fresh either.
  return phase === 'Restored' || phase === 'ColdStarted' || (phase === 'Failed' && targetPodUID === undefined);
}

/** Whether a pod that is created now may be the one: its namespace is covered by the admission. */
export function isUnfinished(restore: Restore): boolean {
  return restore.metadata.deletionTimestamp === undefined && !isFinished(restore);
}

/** Whether a pod may take the Restore: it is not finished, and no pod has it. */
export function isWaiting(restore: Restore): boolean {
  const { reservation, targetPod, targetPodUID } = restore.status ?? {};
  return isUnfinished(restore) && reservation === undefined && targetPod === undefined && targetPodUID === undefined;
}
