// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type CheckpointCatalog,
  type CheckpointCopy,
  type CheckpointRecord,
  type CheckpointSeal,
  type NewCheckpoint,
  type SerializedGritError,
  type WorkloadRef,
} from '@grit/plugin-api';
import { checkpointConflict as conflict, checkpointOf as recordOf } from './checkpoint-row.js';
import { toColumn, type Database, type Parameters, type Row } from './database.js';
import { placesOf, type Place } from './places-of.js';
import { workloadKey } from './workload-key.js';

/** The table of checkpoints. */
export class Checkpoints implements CheckpointCatalog {
  constructor(private readonly db: Database) {}

  async begin(checkpoint: NewCheckpoint, token: string, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.#change(signal, () => {
      const { id } = checkpoint;
      if (this.#row(id) !== undefined) return recordOf(this.#owned(id, token));
      this.db.run(
        `INSERT INTO checkpoints (id, workload, workload_key, node, storage, phase, token, parent, operation, created_at)
         VALUES ($id, $workload, $key, $node, $storage, 'Creating', $token, (SELECT id FROM checkpoints
           WHERE workload_key = $key AND phase = 'Ready' ORDER BY seq DESC LIMIT 1), $operation, $now)`,
        {
          id,
          workload: JSON.stringify(checkpoint.workload),
          key: workloadKey(checkpoint.workload),
          node: checkpoint.node,
          storage: checkpoint.storage,
          token,
          operation: checkpoint.operation,
          now: Date.now(),
        },
      );
      return this.#require(id);
    });
  }

  async advance(id: string, from: string, to: string, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.#change(signal, () => {
      if (this.#must(id).token !== to) {
        this.#owned(id, from);
        this.#set(id, 'token = $to', { to });
      }
      return this.#require(id);
    });
  }

  async seal(id: string, seal: CheckpointSeal, token: string, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.#change(signal, () => {
      const row = this.#owned(id, token);
      if (row.phase === 'Ready' && row.manifest_digest === seal.manifestDigest) return recordOf(row);
      if (row.phase !== 'Creating') throw conflict(row, 'Ready');
      this.#set(
        id,
        `phase = 'Ready', manifest_digest = $digest, size = $size, bytes = $bytes, timings = $timings, finished_at = $now`,
        {
          digest: seal.manifestDigest ?? null,
          size: seal.size ?? null,
          bytes: toColumn(seal.bytes),
          timings: JSON.stringify(seal.timings),
          now: Date.now(),
        },
      );
      return this.#require(id);
    });
  }

  async fail(id: string, error: SerializedGritError, token: string, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.#change(signal, () => {
      const row = this.#owned(id, token);
      if (row.phase === 'Failed') return recordOf(row);
      if (row.phase !== 'Creating') throw conflict(row, 'Failed');
      this.#set(id, `phase = 'Failed', error = $error, finished_at = $now`, {
        error: toColumn(error),
        now: Date.now(),
      });
      return this.#require(id);
    });
  }

  async addCopy(
    id: string,
    { storage, digest, of }: CheckpointCopy & { readonly of: string },
    signal: AbortSignal,
  ): Promise<CheckpointRecord> {
    return this.#change(signal, () => {
      const row = this.#must(id);
      if (row.phase !== 'Ready') throw conflict(row, 'copied');
      const places = placesOf(recordOf(row));
      if (!places.some((place) => place.digest === of)) {
        throw new GritError('GRIT_IDEMPOTENCY_CONFLICT', `what was copied is not checkpoint ${id}`, {
          details: { checkpoint: id, storage },
        });
      }
      this.#place(
        id,
        places.some((place) => place.storage === storage)
          ? places.map((place) => (place.storage === storage ? { storage, digest } : place))
          : [...places, { storage, digest }],
      );
      return this.#require(id);
    });
  }

  async removePlace(id: string, storage: string, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.#change(signal, () => {
      const row = this.#must(id);
      if (row.pinned === 1) throw pinnedError(id);
      const places = placesOf(recordOf(row));
      const rest = places.filter((place) => place.storage !== storage);
      if (row.phase !== 'Ready' || rest.length === 0) throw conflict(row, `removed from ${storage}`);
      if (rest.length < places.length) this.#place(id, rest);
      return this.#require(id);
    });
  }

  async pin(id: string, pinned: boolean, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.#change(signal, () => {
      const row = this.#must(id);
      if (pinned && row.phase === 'Deleting') throw conflict(row, 'pinned');
      if (Boolean(row.pinned) !== pinned) this.#set(id, 'pinned = $pinned', { pinned: pinned ? 1 : 0 });
      return this.#require(id);
    });
  }

  async expire(id: string, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.#change(signal, () => {
      const row = this.#must(id);
      if (row.pinned === 1) throw pinnedError(id);
      if (row.phase !== 'Deleting') this.#set(id, `phase = 'Deleting'`, {});
      return this.#require(id);
    });
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    this.#change(signal, () => {
      const row = this.#row(id);
      if (row !== undefined && row.phase !== 'Deleting') throw conflict(row, 'removed');
      this.db.run('DELETE FROM checkpoints WHERE id = $id', { id });
    });
  }

  async get(id: string, signal: AbortSignal): Promise<CheckpointRecord> {
    checkAborted(signal);
    return this.#require(id);
  }

  async list(
    filter: { readonly workload?: WorkloadRef | undefined },
    signal: AbortSignal,
  ): Promise<readonly CheckpointRecord[]> {
    checkAborted(signal);
    if (filter.workload === undefined) return this.db.all('SELECT * FROM checkpoints ORDER BY seq DESC').map(recordOf);
    const key = workloadKey(filter.workload);
    return this.db.all('SELECT * FROM checkpoints WHERE workload_key = $key ORDER BY seq DESC', { key }).map(recordOf);
  }

  async lineage(id: string, signal: AbortSignal): Promise<readonly CheckpointRecord[]> {
    checkAborted(signal);
    const line = [this.#require(id)];
    // A parent is older than its child, so this ends; a deleted one ends the line.
    for (let row = this.#row(line[0]?.parent); row !== undefined; row = this.#row(line.at(-1)?.parent)) {
      line.push(recordOf(row));
    }
    return line;
  }

  #change<T>(signal: AbortSignal, work: () => T): T {
    checkAborted(signal);
    return this.db.transaction(work);
  }

  /** The first place is where it is looked for first. */
  #place(id: string, [first, ...copies]: readonly Place[]): void {
    this.#set(id, 'storage = $storage, manifest_digest = $digest, copies = $copies', {
      storage: first?.storage ?? '',
      digest: first?.digest ?? null,
      copies: copies.length === 0 ? null : toColumn(copies),
    });
  }

  #set(id: string, assignments: string, values: Parameters): void {
    this.db.run(`UPDATE checkpoints SET ${assignments} WHERE id = $id`, { ...values, id });
  }

  #owned(id: string, token: string): Row {
    const row = this.#must(id);
    if (row.token === token) return row;
    throw new GritError('GRIT_STEP_FENCED', `checkpoint ${id}: a later attempt has taken over`, {
      details: { checkpoint: id },
    });
  }

  #require(id: string): CheckpointRecord {
    return recordOf(this.#must(id));
  }

  #must(id: string): Row {
    const row = this.#row(id);
    if (row !== undefined) return row;
    throw new GritError('GRIT_CHECKPOINT_NOT_FOUND', `there is no checkpoint ${id}`, { details: { checkpoint: id } });
  }

  #row(id: string | undefined): Row | undefined {
    return id === undefined ? undefined : this.db.get('SELECT * FROM checkpoints WHERE id = $id', { id });
  }
}

function pinnedError(id: string): GritError {
  return new GritError('GRIT_CHECKPOINT_PINNED', `checkpoint ${id} is pinned`, {
    hint: `grit unpin ${id} lets it go.`,
    details: { checkpoint: id },
  });
}

function checkAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new GritError('GRIT_ABORTED', 'the caller gave up', { cause: signal.reason });
}
