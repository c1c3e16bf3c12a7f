// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type OperationRequest,
  type OperationStatus,
  type StepStatus,
  type SubmittedOperation,
  type WorkloadRef,
} from '@grit/plugin-api';
import { canonicalJson } from './canonical-json.js';
import type { OperationEnd } from './catalog.js';
import { toColumn, type Database, type Row } from './database.js';
import type { OperationChanges } from './operation-changes.js';
import { OperationIds } from './operation-id.js';
import { operationOf } from './operation-row.js';
import { workloadKey, workloadOf } from './workload-key.js';

/** Progress is written once a second; a file that was not closed may lack as many revisions as this. */
const LOST_REVISIONS = 1_000;
const DEFAULT_LIMIT = 1_000;

/** The table of operations. */
export class Operations {
  readonly #ids: OperationIds;

  constructor(
    private readonly db: Database,
    private readonly changes: OperationChanges,
    private readonly stepsOf: (operation: string) => readonly StepStatus[],
  ) {
    this.#ids = new OperationIds(
      db.get('SELECT id FROM operations ORDER BY id DESC LIMIT 1')?.id as string | undefined,
    );
    db.transaction(() =>
      db.run('UPDATE operations SET revision = revision + $lost WHERE finished_at IS NULL', { lost: LOST_REVISIONS }),
    );
  }

  create(request: OperationRequest): SubmittedOperation {
    const text = canonicalJson(request);
    const key = request.idempotencyKey ?? null;
    return this.db.transaction(() => {
      const used =
        key === null
          ? undefined
          : this.db.get('SELECT id, request FROM operations WHERE idempotency_key = $key', { key });
      if (used !== undefined) {
        if (used.request === text) return { id: used.id as string, duplicate: true };
        throw new GritError('GRIT_IDEMPOTENCY_CONFLICT', `key ${JSON.stringify(key)} was used by ${String(used.id)}`, {
          details: { operation: used.id as string },
        });
      }
      const id = this.#ids.next();
      const workload = workloadOf(request);
      this.db.run(
        `INSERT INTO operations (id, idempotency_key, kind, request, phase, workload, workload_key, created_at)
         VALUES ($id, $key, $kind, $request, 'Pending', $workload, $workloadKey, $now)`,
        {
          id,
          key,
          kind: request.kind,
          request: text,
          workload: toColumn(workload),
          workloadKey: workload === undefined ? null : workloadKey(workload),
          now: Date.now(),
        },
      );
      return { id, duplicate: false };
    });
  }

  get(id: string): OperationStatus {
    return this.#status(this.row(id));
  }

  list(filter: {
    readonly limit?: number | undefined;
    readonly unfinished?: boolean | undefined;
    readonly workload?: WorkloadRef | undefined;
  }): OperationStatus[] {
    const limit = filter.limit ?? (filter.unfinished === true ? -1 : DEFAULT_LIMIT);
    const where = ['TRUE'];
    if (filter.unfinished === true) where.push('finished_at IS NULL');
    if (filter.workload !== undefined) where.push('workload_key = $key');
    const key = filter.workload === undefined ? {} : { key: workloadKey(filter.workload) };
    return this.db
      .all(`SELECT * FROM operations WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT $limit`, { ...key, limit })
      .map((row) => this.#status(row));
  }

  update(id: string, facts: Partial<Pick<OperationStatus, 'phase' | 'workload' | 'node' | 'checkpoint'>>): void {
    const row = this.row(id);
    if (row.finished_at !== null) return;
    const next = {
      phase: row.phase === 'Pending' && facts.phase === 'Running' ? 'Running' : row.phase,
      workload: facts.workload === undefined ? row.workload : toColumn(facts.workload),
      workload_key: facts.workload === undefined ? row.workload_key : workloadKey(facts.workload),
      node: facts.node ?? row.node,
      checkpoint: facts.checkpoint ?? row.checkpoint,
    } as Record<string, string | null>;
    if (Object.entries(next).every(([column, value]) => row[column] === value)) return;
    this.db.transaction(() => {
      this.db.run(
        `UPDATE operations SET phase = $phase, workload = $workload, workload_key = $workload_key, node = $node,
           checkpoint = $checkpoint WHERE id = $id`,
        { ...next, id },
      );
      this.bump(id);
    });
  }

  requestCancel(id: string, reason: string): boolean {
    const row = this.row(id);
    if (row.finished_at !== null) return false;
    if (row.cancel_reason === null) {
      this.db.transaction(() =>
        this.db.run('UPDATE operations SET cancel_reason = $reason WHERE id = $id', { id, reason }),
      );
    }
    return true;
  }

  cancelRequested(id: string): string | undefined {
    return (this.row(id).cancel_reason as string | null) ?? undefined;
  }

  /** In the caller's transaction. */
  end(id: string, end: OperationEnd, now: number): void {
    this.db.run(
      `UPDATE operations SET phase = $phase, outcome = $outcome, error = $error, timings = $timings, result = $result,
         finished_at = $now WHERE id = $id`,
      {
        id,
        phase: end.phase,
        outcome: end.outcome,
        error: toColumn(end.error),
        timings: toColumn(end.timings),
        result: toColumn(end.result),
        now,
      },
    );
    this.bump(id);
  }

  /** A new revision, in the caller's transaction; listeners hear of it when it is durable. */
  bump(id: string): void {
    this.db.run('UPDATE operations SET revision = revision + $by WHERE id = $id', {
      id,
      by: 1 + this.changes.unwritten(id),
    });
    this.db.afterCommit(() => this.changes.written(id));
  }

  row(id: string): Row {
    const row = this.db.get('SELECT * FROM operations WHERE id = $id', { id });
    if (row !== undefined) return row;
    throw new GritError('GRIT_OPERATION_NOT_FOUND', `there is no operation ${id}`, { details: { operation: id } });
  }

  #status(row: Row): OperationStatus {
    const id = row.id as string;
    return operationOf(row, this.stepsOf(id), this.changes.unwritten(id));
  }
}
