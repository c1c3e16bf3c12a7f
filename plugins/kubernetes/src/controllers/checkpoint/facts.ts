// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Pod } from '../../api/core-kinds.js';
import type { CheckpointSource } from '../../api/source.js';
import type { ClaimAccess } from '../../claims/claim-state.js';
import type { Placement } from '../../placement/compatible-nodes.js';

/** Why something is not as it has to be: a PascalCase word, and what to do. */
export interface Obstacle {
  readonly reason: string;
  readonly message: string;
}

/**
 * - `found`: it is there; with the recorded UID, once there is one.
 * - `none`: none was ever recorded, and none is there.
 * - `gone`: the recorded one is there no more; `successor` has its name now.
 */
export type PodFact =
  | { readonly is: 'found'; readonly pod: Pod }
  | ({ readonly is: 'none' } & Obstacle)
  | { readonly is: 'gone'; readonly successor?: string | undefined };

/** The node of the pod, and its agent. */
export interface NodeFact {
  readonly exists: boolean;
  /** Why its agent can do nothing; undefined when it can. */
  readonly obstacle?: Obstacle | undefined;
}

/** Where the image goes to: ready, not yet, or not as things are. */
export type StoreFact = { readonly ready: string } | { readonly waiting: Obstacle } | { readonly failed: Obstacle };

/**
 * What becomes of what a Checkpoint has in its store when the object goes:
 * - `none`: there is nothing, or it is in a claim, which is the user's.
 * - `retained`: it stays, since `by` says so.
 * - `left`: it stays, since the store is no more.
 * - `deleted`: by one of the nodes that can at the moment, the best first.
 */
export type ImageFate =
  | { readonly is: 'none' }
  | { readonly is: 'retained'; readonly store: string; readonly by: string }
  | { readonly is: 'left'; readonly store: string }
  | { readonly is: 'deleted'; readonly store: string; readonly nodes: readonly string[] };

/** An answer that takes an effect to get. */
type Answer = { readonly done: true } | { readonly waiting: Obstacle; readonly againMs: number };

/** Everything that a decision about a Checkpoint stands on: what the caches say, and what was done in this round. */
export interface CheckpointFacts {
  readonly now: Date;
  readonly checkpoint: Checkpoint;
  readonly pod: PodFact;
  /** What the pod and its node are, for the status; there with a pod. */
  readonly source?: { readonly hash: string; readonly source: CheckpointSource } | undefined;
  /** The Checkpoint of the same pod that goes first. */
  readonly rival?: string | undefined;
  readonly node: NodeFact;
  readonly store: StoreFact;
  /** Whether there is a claim pod of this Checkpoint. */
  readonly claimPod: boolean;
  /** Whether a Restore is to go on from it, and has not ended. */
  readonly restoring: boolean;
  readonly image: ImageFate;
  // Of this round:
  /** Where the pod could go on, if it is to. */
  readonly placement?: Placement | undefined;
  readonly claim?: ClaimAccess | undefined;
  /** The API server itself says that the pod is gone, not just a cache. */
  readonly goneForSure?: boolean | undefined;
  /** The API server itself has said what `restoring` and `image` say. */
  readonly unneededForSure?: boolean | undefined;
  readonly restore?: { readonly name: string } | { readonly waiting: Obstacle; readonly againMs: number } | undefined;
  readonly inForce?: Answer | undefined;
  readonly eviction?: Answer | undefined;
  /** Whether the Restore is no more; false: it stays, since the pod is gone or on its way out, says the API server itself. */
  readonly restoreDropped?: boolean | undefined;
}

/** What is done next; all but `wait` and `delete` give a new fact, and the decision is made anew. */
export type Move =
  | { readonly do: 'wait'; readonly againMs?: number | undefined }
  | { readonly do: 'confirm-gone' }
  | { readonly do: 'confirm-unneeded' }
  | { readonly do: 'find-nodes' }
  | { readonly do: 'claim-pod'; readonly node: string; readonly claimName: string }
  | { readonly do: 'add-finalizer' }
  | { readonly do: 'make-restore' }
  | { readonly do: 'prove-admission' }
  | { readonly do: 'evict' }
  /** Unless the pod needs it by now. */
  | { readonly do: 'drop-restore' }
  /** Drop the claim pod, let the finalizer go unless it is to be kept. */
  | { readonly do: 'let-go'; readonly keep?: boolean }
  | { readonly do: 'delete' };
