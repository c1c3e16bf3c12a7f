// SPDX-License-Identifier: Apache-2.0
import type { CheckpointPhase } from '@grit/plugin-api';
import { ObjectCounts } from './object-counts.js';
import type { RetentionPolicy } from './retention-policy.js';

/** An object of a store, by a name that stands for the same bytes in every image. */
export interface CountedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/** What is judged: a checkpoint of one store. */
export interface RetainedCheckpoint {
  readonly id: string;
  /** The workload, in any form that tells workloads apart. */
  readonly workload: string;
  /** Missing for an image that the catalog does not know: it counts, and stays. */
  readonly phase?: CheckpointPhase | undefined;
  /** A checkpoint of another store, which was copied here: it counts, and stays. */
  readonly copy?: boolean | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly pinned: boolean;
  /** Milliseconds; its own, in the place of the policy's. */
  readonly ttlMs?: number | undefined;
  /** What it has in the store; needed where the policy has `maxBytes`. */
  readonly objects?: readonly CountedObject[] | undefined;
}

/** Why a checkpoint stays. */
type KeepReason = 'policy' | 'pinned' | 'in-use' | 'last-good' | 'copy' | 'not-in-catalog';
/** Why it goes. `deleting`: somebody had begun to delete it. */
export type DeleteReason = 'ttl' | 'keep-last' | 'max-bytes' | 'deleting';

/** What becomes of a checkpoint. */
export type RetentionDecision = { readonly id: string } & (
  | { readonly verdict: 'keep'; readonly reason: KeepReason; readonly by?: string | undefined }
  | { readonly verdict: 'delete'; readonly reason: DeleteReason }
);

/**
 * Says which checkpoints of a store go, and why; in the order in which they are given. Never the last Ready one of a workload, a pinned
 * one, one that is in use (`inUse`: by id, by whom), or one that is not in the catalog. `maxBytes` takes the oldest first, and none whose
 * deletion frees nothing.
 */
export function planRetention(
  checkpoints: readonly RetainedCheckpoint[],
  policy: RetentionPolicy,
  now: number,
  inUse: ReadonlyMap<string, string>,
): RetentionDecision[] {
  const newestFirst = [...checkpoints].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  const places = placesOf(newestFirst);
  const deleted = new Map<string, DeleteReason>();
  const spared = newestFirst.filter((checkpoint) => keptAnyway(checkpoint, places, inUse) === undefined);
  for (const checkpoint of spared) {
    const reason = overdue(checkpoint, places.get(checkpoint.id) ?? 0, policy, now);
    if (reason !== undefined) deleted.set(checkpoint.id, reason);
  }
  if (policy.maxBytes !== undefined) makeRoom(newestFirst, spared, deleted, policy.maxBytes);
  return checkpoints.map((checkpoint): RetentionDecision => {
    const { id } = checkpoint;
    const why = deleted.get(id);
    if (why !== undefined) return { id, verdict: 'delete', reason: why };
    const reason = keptAnyway(checkpoint, places, inUse) ?? 'policy';
    const by = reason === 'in-use' ? inUse.get(id) : undefined;
    return { id, verdict: 'keep', reason, ...(by !== undefined && { by }) };
  });
}

/** Of the Ready ones: how many Ready ones of the workload are newer. */
function placesOf(newestFirst: readonly RetainedCheckpoint[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const places = new Map<string, number>();
  for (const { id, workload, phase } of newestFirst) {
    if (phase !== 'Ready') continue;
    const place = counts.get(workload) ?? 0;
    places.set(id, place);
    counts.set(workload, place + 1);
  }
  return places;
}

function keptAnyway(
  { id, phase, copy, pinned }: RetainedCheckpoint,
  places: ReadonlyMap<string, number>,
  inUse: ReadonlyMap<string, string>,
): KeepReason | undefined {
  if (copy === true) return 'copy';
  if (phase === undefined) return 'not-in-catalog';
  if (inUse.has(id) || phase === 'Creating') return 'in-use';
  if (pinned) return 'pinned';
  return places.get(id) === 0 ? 'last-good' : undefined;
}

function overdue(
  { phase, createdAt, ttlMs }: RetainedCheckpoint,
  place: number,
  policy: RetentionPolicy,
  now: number,
): DeleteReason | undefined {
  if (phase === 'Deleting') return 'deleting';
  const ttl = ttlMs ?? policy.ttlMs;
  if (ttl !== undefined && now - createdAt > ttl) return 'ttl';
  return phase === 'Ready' && place >= (policy.keepLast ?? Infinity) ? 'keep-last' : undefined;
}

/** Deletes the oldest until the rest fits; and takes back what was deleted in vain, because others have its objects. */
function makeRoom(
  newestFirst: readonly RetainedCheckpoint[],
  spared: readonly RetainedCheckpoint[],
  deleted: Map<string, DeleteReason>,
  maxBytes: number,
): void {
  const counts = new ObjectCounts();
  for (const { id, objects = [] } of newestFirst) if (!deleted.has(id)) counts.add(objects);
  const gone: RetainedCheckpoint[] = [];
  for (const checkpoint of spared.toReversed()) {
    if (counts.bytes <= maxBytes) break;
    if (deleted.has(checkpoint.id)) continue;
    counts.remove(checkpoint.objects ?? []);
    gone.push(checkpoint);
  }
  for (const { id, objects = [] } of gone.toReversed()) {
    const needed = counts.cost(objects) > 0;
    if (needed) deleted.set(id, 'max-bytes');
    else counts.add(objects);
  }
}
