// SPDX-License-Identifier: Apache-2.0
import { GritError, type Json, type Progress, type SerializedGritError, type StepStatus } from '@grit/plugin-api';
import type { StepRecord } from './catalog.js';
import { toColumn, type Database, type Row } from './database.js';
import type { OperationChanges } from './operation-changes.js';
import { randomDigits } from './operation-id.js';
import type { Operations } from './operations.js';
import { fenced, statusOf, stepOf } from './step-row.js';

const PROGRESS_WRITE_MS = 1_000;

/** The table of steps: who may do what, by the newest token. */
export class Steps {
  /** Progress of running steps, newer than the file's, by token. */
  readonly #progress = new Map<string, { progress: Progress; writtenAt: number }>();

  constructor(
    private readonly db: Database,
    private readonly changes: OperationChanges,
  ) {}

  start(
    operations: Operations,
    operation: string,
    step: {
      readonly name: string;
      readonly node?: string | undefined;
      readonly input: Json;
      readonly takeOver?: boolean | undefined;
    },
  ): StepRecord {
    const row = this.#row(operation, step.name);
    if (row !== undefined && (row.phase !== 'Running' || step.takeOver !== true)) return this.#record(row);
    if (operations.row(operation).finished_at !== null) {
      throw new GritError('GRIT_CATALOG_CONFLICT', `operation ${operation} has ended, no step starts any more`);
    }
    const values = {
      operation,
      name: step.name,
      node: step.node ?? null,
      input: JSON.stringify(step.input),
      token: `st-${randomDigits(16)}`,
    };
    this.db.transaction(() => {
      if (row === undefined) {
        this.db.run(
          `INSERT INTO steps (operation, name, node, phase, attempt, token, input, started_at)
           VALUES ($operation, $name, $node, 'Running', 1, $token, $input, $now)`,
          { ...values, now: Date.now() },
        );
      } else {
        this.db.run(
          `UPDATE steps SET node = $node, attempt = attempt + 1, token = $token, input = $input, progress = NULL
           WHERE operation = $operation AND name = $name`,
          values,
        );
        this.db.afterCommit(() => this.#progress.delete(row.token as string));
      }
      operations.bump(operation);
    });
    return this.require(operation, step.name);
  }

  get(operation: string, name: string): StepRecord | undefined {
    const row = this.#row(operation, name);
    return row === undefined ? undefined : this.#record(row);
  }

  require(operation: string, name: string): StepRecord {
    const step = this.get(operation, name);
    if (step === undefined) throw fenced(operation, name, 'there is no such step');
    return step;
  }

  claim(operation: string, name: string, token: string): StepRecord {
    const step = this.require(operation, name);
    if (step.token !== token) throw fenced(operation, name, 'a later attempt has taken over');
    if (step.phase !== 'Running') throw fenced(operation, name, `it is ${step.phase}`);
    return step;
  }

  progress(operations: Operations, operation: string, name: string, token: string, progress: Progress): void {
    this.claim(operation, name, token);
    const now = Date.now();
    const last = this.#progress.get(token)?.writtenAt ?? now;
    if (now - last < PROGRESS_WRITE_MS) {
      this.#progress.set(token, { progress, writtenAt: last });
      this.changes.touch(operation);
      return;
    }
    this.db.transaction(() => {
      this.db.run('UPDATE steps SET progress = $progress WHERE operation = $operation AND name = $name', {
        operation,
        name,
        progress: toColumn(progress),
      });
      operations.bump(operation);
      this.db.afterCommit(() => this.#progress.set(token, { progress, writtenAt: now }));
    });
  }

  finish(
    operations: Operations,
    operation: string,
    name: string,
    token: string,
    result: { readonly output: Json } | { readonly error: SerializedGritError },
  ): StepRecord {
    const step = this.require(operation, name);
    if (step.token !== token) throw fenced(operation, name, 'a later attempt has taken over');
    if (step.phase === 'Succeeded' || step.phase === 'Failed') return step;
    if (step.phase !== 'Running') throw fenced(operation, name, `it is ${step.phase}`);
    const failed = 'error' in result;
    this.db.transaction(() => {
      this.db.run(
        `UPDATE steps SET phase = $phase, output = $output, error = $error, progress = $progress, finished_at = $now
         WHERE operation = $operation AND name = $name`,
        {
          operation,
          name,
          phase: failed ? 'Failed' : 'Succeeded',
          output: failed ? null : JSON.stringify(result.output),
          error: failed ? JSON.stringify(result.error) : null,
          progress: toColumn(step.progress),
          now: Date.now(),
        },
      );
      operations.bump(operation);
      this.db.afterCommit(() => this.#progress.delete(token));
    });
    return this.require(operation, name);
  }

  /** Steps of an operation that ends are not waited for any more; in the caller's transaction. */
  cancelRunning(operation: string, now: number): void {
    for (const row of this.#rows(operation)) {
      if (row.phase === 'Running') this.db.afterCommit(() => this.#progress.delete(row.token as string));
    }
    this.db.run(
      `UPDATE steps SET phase = 'Cancelled', finished_at = $now WHERE operation = $operation AND phase = 'Running'`,
      { operation, now },
    );
  }

  running(node: string): StepRecord[] {
    const sql = `SELECT * FROM steps WHERE node = $node AND phase = 'Running' ORDER BY seq`;
    return this.db.all(sql, { node }).map((row) => this.#record(row));
  }

  statusOf(operation: string): StepStatus[] {
    return this.#rows(operation).map((row) => statusOf(this.#record(row)));
  }

  #rows(operation: string): Row[] {
    return this.db.all('SELECT * FROM steps WHERE operation = $operation ORDER BY seq', { operation });
  }

  #row(operation: string, name: string): Row | undefined {
    return this.db.get('SELECT * FROM steps WHERE operation = $operation AND name = $name', { operation, name });
  }

  #record(row: Row): StepRecord {
    return stepOf(row, this.#progress.get(row.token as string)?.progress);
  }
}
