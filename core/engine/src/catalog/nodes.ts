// SPDX-License-Identifier: Apache-2.0
import type { NodeFacts } from '@grit/plugin-api';
import type { NodeRecord } from './catalog.js';
import { fromColumn, type Database, type Row } from './database.js';

/** A heartbeat is no fact to sync the disk for; the file may be this much behind. */
const SEEN_WRITE_MS = 5_000;

/** The table of nodes. */
export class Nodes {
  readonly #seen = new Map<string, number>();

  constructor(private readonly db: Database) {}

  record(node: { readonly name: string; readonly incarnation: string; readonly facts: NodeFacts }): boolean {
    const known = this.#row(node.name);
    const now = Date.now();
    this.db.transaction(() =>
      this.db.run(
        `INSERT INTO nodes (name, incarnation, facts, last_seen) VALUES ($name, $incarnation, $facts, $now)
         ON CONFLICT (name) DO UPDATE SET incarnation = $incarnation, facts = $facts, last_seen = $now`,
        { name: node.name, incarnation: node.incarnation, facts: JSON.stringify(node.facts), now },
      ),
    );
    this.#seen.set(node.name, now);
    return known?.incarnation !== node.incarnation;
  }

  touch(name: string, incarnation: string): boolean {
    const row = this.#row(name);
    if (row?.incarnation !== incarnation) return false;
    const now = Date.now();
    if (now - Number(row.last_seen) >= SEEN_WRITE_MS) {
      this.db.transaction(() => this.db.run('UPDATE nodes SET last_seen = $now WHERE name = $name', { name, now }));
    }
    this.#seen.set(name, now);
    return true;
  }

  get(name: string): NodeRecord | undefined {
    const row = this.#row(name);
    return row === undefined ? undefined : this.#record(row);
  }

  list(): NodeRecord[] {
    return this.db.all('SELECT * FROM nodes ORDER BY name').map((row) => this.#record(row));
  }

  #row(name: string): Row | undefined {
    return this.db.get('SELECT * FROM nodes WHERE name = $name', { name });
  }

  #record(row: Row): NodeRecord {
    const facts = fromColumn(row.facts) as NodeFacts;
    const name = row.name as string;
    return {
      name,
      incarnation: row.incarnation as string,
      ready: facts.ready,
      facts,
      lastSeen: Math.max(Number(row.last_seen), this.#seen.get(name) ?? 0),
    };
  }
}
