// SPDX-License-Identifier: Apache-2.0
import type { Restore } from '../api/restore.js';

/** Whether nothing more will become of a Restore. */
export function isFinished(restore: Restore): boolean {
  const phase = restore.status?.phase;
  return phase === 'Restored' || phase === 'ColdStarted' || phase === 'Failed';
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
