// SPDX-License-Identifier: Apache-2.0
import { GritError, type Progress, type StepStatus } from '@grit/plugin-api';
import type { StepRecord } from './catalog.js';
import { fromColumn, known, type Row } from './database.js';

/** The step that a row holds, with progress that is newer than the row's. */
export function stepOf(row: Row, progress: Progress | undefined): StepRecord {
  return {
    operation: row.operation,
    name: row.name,
    node: row.node ?? undefined,
    phase: row.phase,
    attempt: row.attempt,
    token: row.token,
    input: fromColumn(row.input),
    output: fromColumn(row.output),
    error: fromColumn(row.error),
    progress: progress ?? fromColumn(row.progress),
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
  } as unknown as StepRecord;
}

/** What users see of a step. */
export function statusOf(step: StepRecord): StepStatus {
  const { name, node, phase, attempt, startedAt, finishedAt, progress, error } = step;
  return known({ name, node, phase, attempt, startedAt, finishedAt, progress, error });
}

/** The answer to a token that may not act. */
export function fenced(operation: string, step: string, why: string): GritError {
  return new GritError('GRIT_STEP_FENCED', `step ${step} of ${operation}: ${why}`, { details: { operation, step } });
}
