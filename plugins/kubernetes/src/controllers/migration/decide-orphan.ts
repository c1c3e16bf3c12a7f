// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Restore } from '../../api/restore.js';

/** What becomes of a Checkpoint whose Migration was deleted. */
export type OrphanDecision =
  /** The source goes on, or the move is over and its data are needed no more. */
  | 'delete'
  /** A bare pod that was stopped is made anew. */
  | 'make-replacement'
  /** The pod was stopped: it must go on first. */
  | 'keep';

/** Whoever deletes a Migration wants no move; but a pod that was stopped already lives in its image only, and goes on. */
export function decideOrphan(checkpoint: Checkpoint, restore: Restore | undefined, saved: boolean): OrphanDecision {
  const { status = {}, metadata } = checkpoint;
  if (metadata.deletionTimestamp !== undefined) return 'keep';
  if (status.phase !== 'Submitted' && status.phase !== 'Submitting') return 'delete';
  const { phase, reservation, targetPodUID } = restore?.status ?? {};
  if (phase === 'Restored' || phase === 'ColdStarted') return 'delete';
  if (restore === undefined || status.phase === 'Submitting') return 'keep';
  const free = reservation === undefined && targetPodUID === undefined && phase !== 'Failed';
  return saved && free ? 'make-replacement' : 'keep';
}
