// SPDX-License-Identifier: Apache-2.0
import { GritError, type WorkloadRef, type WorkloadSpec } from '@grit/plugin-api';
import type { WorkloadRecord } from './catalog.js';
import { fromColumn, type Database, type Row } from './database.js';
import { workloadKey } from './workload-key.js';

/** Where each fact that may change is kept. */
const COLUMNS = {
  node: 'node',
  spec: 'spec',
  state: 'state',
  exitCode: 'exit_code',
  logPath: 'log_path',
  restoredFrom: 'restored_from',
  hold: 'hold',
} as const;

/** The table of workloads. */
export class Workloads {
  constructor(private readonly db: Database) {}

  create(record: {
    readonly workload: WorkloadRef;
    readonly node: string;
    readonly spec: WorkloadSpec;
    readonly operation: string;
  }): WorkloadRecord {
    const { workload, operation } = record;
    const row = this.#row(workload);
    if (row !== undefined) {
      if (row.created_by === operation) return this.lock(workload, operation);
      throw new GritError('GRIT_WORKLOAD_NAME_TAKEN', `there is a workload ${workload.name} (${String(row.state)})`, {
        details: { workload: workload.name },
      });
    }
    this.db.transaction(() =>
      this.db.run(
        `INSERT INTO workloads (key, workload, node, spec, state, busy, created_by, created_at, updated_at)
         VALUES ($key, $workload, $node, $spec, 'starting', $operation, $operation, $now, $now)`,
        {
          key: workloadKey(workload),
          workload: JSON.stringify(workload),
          node: record.node,
          spec: JSON.stringify(record.spec),
          operation,
          now: Date.now(),
        },
      ),
    );
    return this.#require(workload);
  }

  get(workload: WorkloadRef): WorkloadRecord | undefined {
    const row = this.#row(workload);
    return row === undefined ? undefined : recordOf(row);
  }

  list(): WorkloadRecord[] {
    return this.db.all('SELECT * FROM workloads ORDER BY key').map(recordOf);
  }

  update(
    workload: WorkloadRef,
    facts: Partial<Omit<WorkloadRecord, 'workload' | 'createdAt' | 'updatedAt' | 'busy'>>,
  ): WorkloadRecord {
    const row = this.#require(workload);
    const values: Record<string, string | number | null> = {};
    for (const [fact, column] of Object.entries(COLUMNS)) {
      if (!Object.hasOwn(facts, fact)) continue;
      const value = facts[fact as keyof typeof COLUMNS] ?? null;
      const stored = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
      if (stored !== columnOf(row, fact as keyof typeof COLUMNS)) values[column] = stored;
    }
    const columns = Object.keys(values);
    if (columns.length === 0) return row;
    const sets = columns.map((column) => `${column} = $${column}`).join(', ');
    this.db.transaction(() =>
      this.db.run(`UPDATE workloads SET ${sets}, updated_at = $now WHERE key = $key`, {
        ...values,
        key: workloadKey(workload),
        now: Date.now(),
      }),
    );
    return this.#require(workload);
  }

  lock(workload: WorkloadRef, operation: string): WorkloadRecord {
    const record = this.#require(workload);
    if (record.busy === operation) return record;
    if (record.busy !== undefined) {
      throw new GritError('GRIT_WORKLOAD_BUSY', `${record.busy} works on workload ${workload.name}`, {
        details: { workload: workload.name, operation: record.busy },
      });
    }
    this.db.transaction(() =>
      this.db.run('UPDATE workloads SET busy = $operation WHERE key = $key', { key: workloadKey(workload), operation }),
    );
    return this.#require(workload);
  }

  /** In the caller's transaction. */
  unlock(operation: string): void {
    this.db.run('UPDATE workloads SET busy = NULL WHERE busy = $operation', { operation });
  }

  delete(workload: WorkloadRef): void {
    this.db.transaction(() => this.db.run('DELETE FROM workloads WHERE key = $key', { key: workloadKey(workload) }));
  }

  #row(workload: WorkloadRef): Row | undefined {
    return this.db.get('SELECT * FROM workloads WHERE key = $key', { key: workloadKey(workload) });
  }

  #require(workload: WorkloadRef): WorkloadRecord {
    const record = this.get(workload);
    if (record !== undefined) return record;
    throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `there is no workload ${workload.name}`, {
      details: { workload: workload.name },
    });
  }
}

function columnOf(record: WorkloadRecord, fact: keyof typeof COLUMNS): string | number | null {
  return fact === 'spec' ? JSON.stringify(record.spec) : (record[fact] ?? null);
}

function recordOf(row: Row): WorkloadRecord {
  return {
    workload: fromColumn(row.workload),
    node: row.node,
    spec: fromColumn(row.spec),
    state: row.state,
    exitCode: row.exit_code ?? undefined,
    logPath: row.log_path ?? undefined,
    restoredFrom: row.restored_from ?? undefined,
    busy: row.busy ?? undefined,
    hold: row.hold ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  } as unknown as WorkloadRecord;
}
