// SPDX-License-Identifier: Apache-2.0
import { isFinal, type CheckpointRecord, type OperationStatus } from '@grit/plugin-api';

/** What uses checkpoints. */
export interface CheckpointUsers {
  readonly operations: readonly OperationStatus[];
  readonly checkpoints?: readonly Pick<CheckpointRecord, 'id' | 'phase' | 'parent'>[];
  readonly workloads?: readonly { readonly workload: { readonly name: string }; readonly hold?: string | undefined }[];
}

/** The checkpoints that something needs at the moment, and what: an operation that makes, moves or restores it, or a workload. */
export function checkpointsInUse({
  operations,
  checkpoints = [],
  workloads = [],
}: CheckpointUsers): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const { id, parent, phase } of checkpoints) {
    // What it has is not stored a second time while this one is made.
    if (phase === 'Creating' && parent !== undefined) users.set(parent, `the parent of ${id}`);
  }
  for (const { workload, hold } of workloads) if (hold !== undefined) users.set(hold, `the hold of ${workload.name}`);
  for (const { id, kind, phase, request, checkpoint } of operations) {
    if (isFinal(phase) || kind === 'delete') continue;
    if (checkpoint !== undefined) users.set(checkpoint, `${kind} ${id}`);
    // One that waits for its turn.
    if (request.kind === 'restore' && request.checkpoint !== undefined) users.set(request.checkpoint, `${kind} ${id}`);
  }
  return users;
}
