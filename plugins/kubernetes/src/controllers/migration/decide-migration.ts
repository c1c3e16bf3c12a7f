// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../../api/group.js';
import type { Migration } from '../../api/migration.js';
import { decideStart } from './decide-start.js';
import { follow } from './follow-checkpoint.js';
import type { MigrationDecision } from './migration-decision.js';
import type { MigrationFacts } from './migration-facts.js';
import { isLast, statusIn } from './migration-status.js';
import { returned } from './returned.js';

/**
 * What is to be done for a Migration of one pod, from facts alone. It is a Checkpoint with autoMigration and the Restore that this makes; where these
 * stand is where it stands.
 */
export function decideMigration(facts: MigrationFacts): MigrationDecision {
  const { migration, checkpoint } = facts;
  const { status = {} } = migration;
  if (status.phase === 'Succeeded') {
    return { status, move: { do: facts.saved ? 'drop-manifest' : 'wait' } };
  }
  const asked = newRetry(migration);
  if (asked !== undefined && isLast(status.phase) && !isMoved(facts)) return startOver(facts, asked);
  if (checkpoint.is === 'own') return follow(facts, checkpoint.checkpoint);
  if (isLast(status.phase))
    return { status, move: { do: facts.saved && status.phase === 'ReturnedToSource' ? 'drop-manifest' : 'wait' } };
  if (status.checkpointName !== undefined) return lost(facts);
  return decideStart(facts);
}

/** Its Checkpoint was there and is no more: it was given up, or somebody has deleted it. */
function lost(facts: MigrationFacts): MigrationDecision {
  const { migration, pod } = facts;
  const exceeded = migration.status?.conditions?.some(({ type }) => type === 'DeadlineExceeded') ?? false;
  if (pod.is === 'there') {
    return exceeded
      ? returned(
          facts,
          'DeadlineExceeded',
          `the pod was not frozen by ${migration.spec.deadline ?? 'its deadline'} and runs on`,
        )
      : returned(
          facts,
          'CheckpointDeleted',
          `Checkpoint ${migration.status?.checkpointName ?? ''} was deleted before the pod was stopped, which runs on`,
        );
  }
  const message = `Checkpoint ${migration.status?.checkpointName ?? ''} was deleted, and pod ${migration.status?.podName ?? ''} is gone`;
  return { status: statusIn(facts, { phase: 'Failed', reason: 'CheckpointDeleted', message }), move: { do: 'wait' } };
}

/** A value of the retry annotation that was not acted on. */
function newRetry({ metadata, status }: Migration): string | undefined {
  const asked = metadata.annotations?.[KEYS.retry];
  const done = status?.conditions?.find(({ type }) => type === 'Retried')?.message;
  return asked === done ? undefined : asked;
}

/** Whether the source was stopped: from then on only the Restore can be tried again. */
function isMoved({ checkpoint, pod }: MigrationFacts): boolean {
  return pod.is === 'gone' || (checkpoint.is === 'own' && checkpoint.checkpoint.status?.phase === 'Submitted');
}

function startOver(facts: MigrationFacts, asked: string): MigrationDecision {
  const { checkpoint } = facts;
  if (checkpoint.is === 'own') {
    const { status = {} } = facts.migration;
    return {
      status,
      move: { do: checkpoint.checkpoint.metadata.deletionTimestamp === undefined ? 'delete-checkpoint' : 'wait' },
    };
  }
  const { podName, podUID, sourceNode, replacement } = facts.migration.status ?? {};
  const kept = Object.fromEntries(
    Object.entries({ podName, podUID, sourceNode, replacement }).filter(([, value]) => value !== undefined),
  );
  const migration = { ...facts.migration, status: kept };
  const decision = decideStart({ ...facts, migration });
  const retried = { type: 'Retried', status: 'True', reason: 'Asked', message: asked } as const;
  const conditions = [
    ...(decision.status.conditions ?? []),
    { ...retried, lastTransitionTime: facts.now.toISOString() },
  ];
  return { ...decision, status: { ...decision.status, conditions } };
}
