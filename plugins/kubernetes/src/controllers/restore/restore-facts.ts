// SPDX-License-Identifier: Apache-2.0
import type { CheckpointFact } from '../../admission/restores/checkpoint-fact.js';
import type { Pod } from '../../api/core-kinds.js';
import type { Restore } from '../../api/restore.js';
import type { ClaimAccess } from '../../claims/claim-state.js';
import type { ExcludedNode } from '../../placement/compatible-nodes.js';

/** The pod that was checkpointed: while it may run, no other goes on in its place. */
export interface SourceFact {
  readonly is: 'gone' | 'stopping' | 'running';
  readonly namespace: string;
  readonly pod: string;
}

/** Whether an order reaches a node. `gone`: the cluster has no such node. */
export type AgentFact = 'ready' | 'silent' | 'gone';

/** Everything that is looked at to decide what becomes of a Restore. */
export interface RestoreFacts {
  readonly restore: Restore;
  readonly checkpoint: CheckpointFact;
  readonly source: SourceFact;
  /** The pod of `status.targetPodUID` as it is now; undefined when it is no more. */
  readonly target: Pod | undefined;
  /** The pod that has the reservation, or that was given one which was let go meanwhile. */
  readonly claimant: Pod | undefined;
  /** False: new pods of the namespace may still come past the admission. */
  readonly guarded: boolean;
  /** How long this process has seen the reservation without its pod, in milliseconds. */
  readonly reservedMs: number;
  /** The node of the order, else of the pod. */
  readonly agent: AgentFact;
  /** Undefined: not asked for yet. */
  readonly claim: ClaimAccess | undefined;
  /** The node that the pod will be on, when that is certain before there is a pod. */
  readonly destined: string | undefined;
  /** Undefined: not worked out this time. */
  readonly excluded: readonly ExcludedNode[] | undefined;
  readonly now: Date;
}
