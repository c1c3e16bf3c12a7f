// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { MigrationPhase } from '../../api/migration.js';
import { isUnfinished as isOwed } from '../../steps/order-step.js';
import { isPast, untilDeadline } from './decide-start.js';
import { followRestore } from './follow-restore.js';
import { defined } from '../../kit/defined.js';
import type { MigrationDecision } from './migration-decision.js';
import type { MigrationFacts } from './migration-facts.js';
import { statusIn } from './migration-status.js';
import { failed, returned } from './returned.js';

/** The Checkpoint is there: where it stands is where the Migration stands, up to the end of the source. */
export function follow(facts: MigrationFacts, checkpoint: Checkpoint): MigrationDecision {
  const { migration, pod } = facts;
  const { status = {}, metadata } = checkpoint;
  const exceeded = migration.status?.conditions?.some(({ type }) => type === 'DeadlineExceeded') ?? false;
  if (status.phase === 'Submitted') return followRestore(facts, checkpoint);
  if (metadata.deletionTimestamp !== undefined) {
    return goOn(
      facts,
      checkpoint,
      'Undoing',
      `Checkpoint ${metadata.name} is being deleted; the pod goes on where it is`,
    );
  }
  if (exceeded && status.startedAt === undefined) return giveUp(facts, checkpoint);
  if (status.finishedAt !== undefined) {
    const said = status.conditions?.find(({ type, status: is }) => type === 'Failed' && is === 'True');
    const gone = status.conditions?.find(({ type, status: is }) => type === 'Submitted' && is === 'False');
    const { error } = status;
    const reason = gone?.reason ?? said?.reason ?? 'CheckpointFailed';
    const message =
      gone?.message ?? `Checkpoint ${metadata.name}: ${error?.message ?? said?.message ?? 'it ended without a move'}`;
    return pod.is === 'there' ? returned(facts, reason, message, error) : failed(facts, reason, message, error);
  }
  if (status.startedAt === undefined && isPast(facts)) return giveUp(facts, checkpoint);
  const waiting = status.conditions?.find(
    ({ type, status: is }) => (type === 'Waiting' || type === 'Retrying') && is === 'True',
  );
  const [phase, reason, message] = stageOf(checkpoint);
  return goOn(facts, checkpoint, waiting?.reason ?? reason, waiting?.message ?? message, phase);
}

function stageOf({ metadata, status = {} }: Checkpoint): [MigrationPhase, string, string] {
  switch (status.phase) {
    case 'Checkpointing':
      return ['Checkpointing', 'Checkpointing', `Checkpoint ${metadata.name} is being made`];
    case 'Checkpointed':
      return ['Stopping', 'Checkpointed', `Checkpoint ${metadata.name} is stored; the pod is stopped next`];
    case 'Submitting':
      return ['Stopping', 'Stopping', 'the pod is being stopped'];
    default:
      // An order that the node has not answered yet, or something that is waited for.
      return ['Pending', isOwed(status) ? 'Ordered' : 'Preparing', `Checkpoint ${metadata.name} has not begun`];
  }
}

function goOn(
  facts: MigrationFacts,
  { metadata, status = {} }: Checkpoint,
  reason: string,
  message: string,
  phase: MigrationPhase = facts.migration.status?.phase ?? 'Pending',
): MigrationDecision {
  const { progress, restoreName, podUID, nodeName } = status;
  const left = status.startedAt === undefined ? untilDeadline(facts) : Infinity;
  const changes = {
    checkpointName: metadata.name,
    ...defined({ progress, restoreName, podUID, sourceNode: nodeName }),
  };
  return {
    status: statusIn(facts, { phase, reason, message, changes }),
    move: { do: 'wait', ...(Number.isFinite(left) ? { lookAgainMs: Math.max(0, left) } : {}) },
  };
}

/** Not frozen by the deadline: whoever wanted the node empty has other plans by now, and the pod must not be caught in the middle. */
function giveUp(facts: MigrationFacts, { metadata }: Checkpoint): MigrationDecision {
  const message = `the pod was not frozen by ${facts.migration.spec.deadline ?? ''}`;
  return {
    status: statusIn(facts, {
      phase: facts.migration.status?.phase ?? 'Pending',
      reason: 'DeadlineExceeded',
      message: `${message}; Checkpoint ${metadata.name} is undone`,
      also: [{ type: 'DeadlineExceeded', status: 'True', reason: 'NotFrozen', message }],
    }),
    move: { do: 'delete-checkpoint' },
  };
}
