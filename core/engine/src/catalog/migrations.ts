// SPDX-License-Identifier: Apache-2.0
import type { DatabaseSync } from 'node:sqlite';
import { GritError } from '@grit/plugin-api';

/** The n-th entry leads from version n to n + 1. An entry that was released is never changed. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE operations (
    id TEXT PRIMARY KEY,
    idempotency_key TEXT UNIQUE,
    kind TEXT NOT NULL,
    request TEXT NOT NULL,
    phase TEXT NOT NULL,
    outcome TEXT,
    workload TEXT,
    workload_key TEXT,
    node TEXT,
    checkpoint TEXT,
    error TEXT,
    timings TEXT NOT NULL DEFAULT '[]',
    result TEXT,
    cancel_reason TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    revision INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  CREATE INDEX operations_by_workload ON operations (workload_key, id);
  CREATE INDEX operations_unfinished ON operations (id) WHERE finished_at IS NULL;

  CREATE TABLE steps (
    seq INTEGER PRIMARY KEY,
    operation TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    node TEXT,
    phase TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    token TEXT NOT NULL,
    input TEXT NOT NULL,
    output TEXT,
    error TEXT,
    progress TEXT,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    UNIQUE (operation, name)
  ) STRICT;
  CREATE INDEX steps_running ON steps (node) WHERE phase = 'Running';

  CREATE TABLE checkpoints (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    workload TEXT NOT NULL,
    workload_key TEXT NOT NULL,
    node TEXT NOT NULL,
    storage TEXT NOT NULL,
    phase TEXT NOT NULL,
    token TEXT NOT NULL,
    parent TEXT,
    operation TEXT NOT NULL,
    manifest_digest TEXT,
    size INTEGER,
    timings TEXT NOT NULL DEFAULT '[]',
    pinned INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
  ) STRICT;
  CREATE INDEX checkpoints_by_workload ON checkpoints (workload_key, seq);

  CREATE TABLE workloads (
    key TEXT PRIMARY KEY,
    workload TEXT NOT NULL,
    node TEXT NOT NULL,
    spec TEXT NOT NULL,
    state TEXT NOT NULL,
    exit_code INTEGER,
    log_path TEXT,
    restored_from TEXT,
    busy TEXT,
    hold TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX workloads_busy ON workloads (busy) WHERE busy IS NOT NULL;

  CREATE TABLE nodes (
    name TEXT PRIMARY KEY,
    incarnation TEXT NOT NULL,
    facts TEXT NOT NULL,
    last_seen INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT
  ) STRICT;
  CREATE INDEX audit_by_subject ON audit (subject, seq);
  `,
  'ALTER TABLE checkpoints ADD COLUMN bytes TEXT',
  'ALTER TABLE checkpoints ADD COLUMN copies TEXT',
];

/** Brings the file to the newest version, each version in one transaction. A file of a later GRIT is left alone. */
export function migrate(db: DatabaseSync, path: string): void {
  db.exec('CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT');
  const row = db.prepare('SELECT COALESCE(MAX(version), 0) AS version FROM migrations').get();
  const version = Number(row?.version);
  if (version > MIGRATIONS.length) {
    throw new GritError('GRIT_CATALOG_FAILED', `${path} was written by a later version of GRIT`, {
      hint: 'Use that version, or another state directory.',
      details: { path, version, known: MIGRATIONS.length },
    });
  }
  MIGRATIONS.slice(version).forEach((sql, index) => {
    const next = version + index + 1;
    db.exec(`BEGIN; ${sql}; INSERT INTO migrations VALUES (${next}, ${Date.now()}); COMMIT`);
  });
}
