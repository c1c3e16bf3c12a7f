// SPDX-License-Identifier: Apache-2.0
import type { AuditEntry } from './catalog.js';
import { fromColumn, known, toColumn, type Database } from './database.js';

const DEFAULT_LIMIT = 1_000;

/** Who did what; only ever added to. */
export class Audit {
  constructor(private readonly db: Database) {}

  add(entry: Omit<AuditEntry, 'at'>): void {
    this.db.transaction(() =>
      this.db.run(
        'INSERT INTO audit (at, actor, action, subject, details) VALUES ($at, $actor, $action, $subject, $details)',
        {
          at: Date.now(),
          actor: entry.actor,
          action: entry.action,
          subject: entry.subject,
          details: toColumn(entry.details),
        },
      ),
    );
  }

  /** Newest first. */
  list(filter: { readonly subject?: string | undefined; readonly limit?: number | undefined }): AuditEntry[] {
    const limit = filter.limit ?? DEFAULT_LIMIT;
    const rows =
      filter.subject === undefined
        ? this.db.all('SELECT * FROM audit ORDER BY seq DESC LIMIT $limit', { limit })
        : this.db.all('SELECT * FROM audit WHERE subject = $subject ORDER BY seq DESC LIMIT $limit', {
            subject: filter.subject,
            limit,
          });
    return rows.map(
      (row) =>
        known({
          at: row.at,
          actor: row.actor,
          action: row.action,
          subject: row.subject,
          details: fromColumn(row.details),
        }) as unknown as AuditEntry,
    );
  }
}
