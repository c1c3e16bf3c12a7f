// SPDX-License-Identifier: Apache-2.0
import type { Restore } from '../api/restore.js';

/**
 * Whether pods like the one that a Restore waits for may start fresh: one has gone on from it, or nothing is lost by the will of whoever made it. A Restore that
 * has failed is not over by that: while it is there, no pod begins anew unnoticed what a checkpoint was taken of.
 */
function isOver(restore: Restore): boolean {
  const { phase } = restore.status ?? {};
  return (
    phase === 'Restored' || phase === 'ColdStarted' || (isWithoutImage(restore) && restore.spec.fallback === 'fresh')
  );
}

/** No pod has it, and its Checkpoint is not to be used. One that failed with a pod keeps it, and tries again with the next one. */
function isWithoutImage({ status = {} }: Restore): boolean {
  return status.phase === 'Failed' && status.targetPodUID === undefined;
}

/** Whether its Checkpoint must stay: a pod goes on from it, or is to. */
export function needsCheckpoint(restore: Restore): boolean {
  const { phase } = restore.status ?? {};
  return phase !== 'Restored' && phase !== 'ColdStarted' && !isWithoutImage(restore);
}

/** Whether a pod that is created now may be the one: its namespace is covered by the admission. */
export function isUnfinished(restore: Restore): boolean {
  return restore.metadata.deletionTimestamp === undefined && !isOver(restore);
}

/** Whether a pod may take the Restore: it is not finished, and no pod has it. */
export function isWaiting(restore: Restore): boolean {
  const { reservation, targetPod, targetPodUID } = restore.status ?? {};
  return isUnfinished(restore) && reservation === undefined && targetPod === undefined && targetPodUID === undefined;
}
