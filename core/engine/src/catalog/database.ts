// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { GritError, isGritError } from '@grit/plugin-api';
import { migrate } from './migrations.js';

/** A row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;
export type Parameters = Record<string, SQLInputValue>;

/** How long a new server waits for one that is just ending. */
const OWNER_TIMEOUT_MS = 2_000;
const SQLITE_BUSY = 5;

/**
 * One SQLite file that belongs to one process. The lock is the kernel's, so it ends with the process, however that ends.
 * Each commit is synced before it returns.
 */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #afterCommit: (() => void)[] = [];

  constructor(readonly path: string) {
    this.#db = this.#guard(() => open(path));
  }

  run(sql: string, parameters: Parameters = {}): number {
    return this.#guard(() => Number(this.#prepare(sql).run(parameters).changes));
  }

  get(sql: string, parameters: Parameters = {}): Row | undefined {
    return this.#guard(() => this.#prepare(sql).get(parameters));
  }

  all(sql: string, parameters: Parameters = {}): Row[] {
    return this.#guard(() => this.#prepare(sql).all(parameters));
  }

  /** All or nothing, and durable when it returns. */
  transaction<T>(work: () => T): T {
    const result = this.#guard(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const done = work();
        this.#db.exec('COMMIT');
        return done;
      } catch (error) {
        this.#afterCommit.length = 0;
        // A full disk makes SQLite roll back by itself.
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
    for (const tell of this.#afterCommit.splice(0)) tell();
    return result;
  }

  /** Runs when the transaction under way is durable; never when it is not. */
  afterCommit(tell: () => void): void {
    this.#afterCommit.push(tell);
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isGritError(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new GritError('GRIT_CATALOG_FAILED', `${this.path}: ${reason}`, {
        cause: error,
        details: { path: this.path },
      });
    }
  }
}

function open(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path, { timeout: OWNER_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    chmodSync(path, 0o600);
    // With this mode the first access takes the file for as long as the connection lives.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    db.exec('BEGIN EXCLUSIVE; COMMIT');
    migrate(db, path);
    return db;
  } catch (error) {
    db.close();
    if ((error as { readonly errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new GritError('GRIT_SERVER_RUNNING', `${path} belongs to a server that is running`, {
      cause: error,
      details: { path },
    });
  }
}

/** A value for a column; JSON columns have NULL for what is missing. */
export function toColumn(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** What {@link toColumn} wrote. */
export function fromColumn(value: SQLOutputValue | undefined): unknown {
  return typeof value === 'string' ? JSON.parse(value) : undefined;
}

/** Leaves out what is undefined: an optional fact that is not known is not there. */
export function known<T extends object>(facts: T): T {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as T;
}
