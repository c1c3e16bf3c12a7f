// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Pod } from '../../api/core-kinds.js';
import type { Migration } from '../../api/migration.js';
import type { Restore } from '../../api/restore.js';
import type { Placement } from '../../placement/compatible-nodes.js';

/** What has the name of the pod that moves. */
export type PodFact =
  | { readonly is: 'there'; readonly pod: Pod }
  /** Another one of the same name, or none. */
  | { readonly is: 'gone'; readonly successor?: Pod | undefined };

/** What has the name of the Migration's Checkpoint. `foreign`: somebody else made it. `former`: an earlier Migration of the same name did. */
export type CheckpointFact =
  { readonly is: 'none' | 'foreign' | 'former' } | { readonly is: 'own'; readonly checkpoint: Checkpoint };

/** Everything that is looked at to decide what becomes of a Migration of one pod. */
export interface MigrationFacts {
  readonly migration: Migration;
  readonly pod: PodFact;
  /** Whether it is this one's turn among the children of a selector. */
  readonly turn: boolean;
  readonly checkpoint: CheckpointFact;
  readonly restore: Restore | undefined;
  /** Where the pod could go on, from all nodes but its own; undefined: the agent of its node has not published what the node is. */
  readonly placement: Placement | undefined;
  /** Whether the manifest of a bare pod is kept. */
  readonly saved: boolean;
  /** Why the API server did not take the Checkpoint, just now. */
  readonly refusal?: string | undefined;
  readonly now: Date;
}
