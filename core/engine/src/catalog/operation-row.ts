// SPDX-License-Identifier: Apache-2.0
import type { OperationStatus, StepStatus } from '@grit/plugin-api';
import { fromColumn, known, type Row } from './database.js';

/** The operation that a row and its steps make. `unwritten` revisions are not in the row. */
export function operationOf(row: Row, steps: readonly StepStatus[], unwritten: number): OperationStatus {
  return known({
    id: row.id,
    kind: row.kind,
    request: fromColumn(row.request),
    phase: row.phase,
    outcome: row.outcome ?? undefined,
    workload: fromColumn(row.workload),
    node: row.node ?? undefined,
    checkpoint: row.checkpoint ?? undefined,
    steps,
    error: fromColumn(row.error),
    timings: fromColumn(row.timings),
    result: fromColumn(row.result),
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
    revision: Number(row.revision) + unwritten,
  }) as unknown as OperationStatus;
}
