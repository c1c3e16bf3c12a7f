// SPDX-License-Identifier: Apache-2.0
import type { Condition } from '../../api/condition.js';
import type { MigrationPhase, MigrationStatus } from '../../api/migration.js';
import type { StatusError } from '../../api/step.js';
import { defined } from '../../kit/defined.js';
import { conditionsOf, type Statement } from '../restore/restore-conditions.js';
import type { MigrationFacts } from './migration-facts.js';

/** Conditions that stay until they are said anew. */
const REMEMBERED = ['DeadlineExceeded', 'Retried'];
const LAST: readonly (MigrationPhase | undefined)[] = ['Succeeded', 'ReturnedToSource', 'Partial', 'Failed'];

/** What is said of a phase. */
export interface MigrationStatement {
  readonly phase: MigrationPhase;
  /** One PascalCase word. */
  readonly reason: string;
  readonly message: string;
  readonly also?: readonly Statement[];
  readonly error?: StatusError | undefined;
  /** Fields that change; undefined takes one away. */
  readonly changes?: { readonly [K in keyof MigrationStatus]?: MigrationStatus[K] | undefined };
}

/** Whether a phase is the last one, as far as anybody knows. */
export function isLast(phase: MigrationPhase | undefined): boolean {
  return LAST.includes(phase);
}

/**
 * The status in a phase. Two conditions say where it is: `Progressing` up to the end, with what is waited for, and `Succeeded` with the outcome and its
 * reason.
 */
export function statusIn(
  { migration, now }: Pick<MigrationFacts, 'migration' | 'now'>,
  statement: MigrationStatement,
): MigrationStatus {
  const { phase, reason, message, also = [], error, changes = {} } = statement;
  const { status = {}, metadata } = migration;
  const over = isLast(phase);
  const said: readonly Statement[] = over
    ? [
        { type: 'Progressing', status: 'False', reason, message: 'it has ended' },
        { type: 'Succeeded', status: phase === 'Succeeded' ? 'True' : 'False', reason, message },
      ]
    : [{ type: 'Progressing', status: 'True', reason, message }];
  const kept = (status.conditions ?? []).filter(({ type }) => REMEMBERED.includes(type)).map(bare);
  const statements = [...kept.filter(({ type }) => !also.some((one) => one.type === type)), ...said, ...also];
  const finishedAt = over ? ((status.phase === phase ? status.finishedAt : undefined) ?? now.toISOString()) : undefined;
  return defined({
    ...status,
    error,
    ...changes,
    phase,
    startedAt: status.startedAt ?? now.toISOString(),
    finishedAt,
    conditions: conditionsOf(status.conditions, statements, metadata.generation, now),
  });
}

function bare({ type, status, reason, message }: Condition): Statement {
  return { type, status, reason, message };
}
