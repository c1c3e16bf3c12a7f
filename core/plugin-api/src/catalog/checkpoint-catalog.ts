// SPDX-License-Identifier: Apache-2.0
import type { SerializedGritError } from '../errors/grit-error.js';
import type { Timing } from '../progress.js';
import type { WorkloadRef } from '../workload/workload-ref.js';

/** Where a checkpoint is. Ready is written after the stored image was read back and verified. */
export type CheckpointPhase = 'Creating' | 'Ready' | 'Failed' | 'Deleting';

/** The durable record of a checkpoint. */
export interface CheckpointRecord {
  readonly id: string;
  readonly workload: WorkloadRef;
  /** Node where it was dumped. */
  readonly node: string;
  /** Name of the storage plugin that has the image. */
  readonly storage: string;
  /** Where it is besides; taken when the first place fails. */
  readonly copies?: readonly CheckpointCopy[] | undefined;
  readonly phase: CheckpointPhase;
  /** The workload's checkpoint before this one, if any: its lineage. */
  readonly parent?: string | undefined;
  readonly operation: string;
  /** Digest of the manifest; present when Ready. */
  readonly manifestDigest?: string | undefined;
  /** Bytes of all parts. */
  readonly size?: number | undefined;
  readonly bytes?: StoredBytes | undefined;
  readonly timings: readonly Timing[];
  readonly pinned: boolean;
  readonly error?: SerializedGritError | undefined;
  readonly createdAt: number;
  readonly finishedAt?: number | undefined;
}

/** The same checkpoint in another storage. */
export interface CheckpointCopy {
  /** Name of the storage plugin. */
  readonly storage: string;
  /** Of the manifest there: another one where the image was packed anew for that storage. */
  readonly digest: string;
}

/** Where the bytes of an image went. */
export interface StoredBytes {
  /** Bytes of all parts without pages of zeros. */
  readonly data: number;
  /** Of these, what no image that was looked at had: a low share of `data` says that precopy pays. */
  readonly fresh: number;
  /** Bytes that were added to the store. */
  readonly stored: number;
}

/** What is known before the dump. */
export type NewCheckpoint = Pick<CheckpointRecord, 'id' | 'workload' | 'node' | 'storage' | 'operation'>;

/** What sealing adds. */
export type CheckpointSeal = Required<Pick<CheckpointRecord, 'manifestDigest' | 'size' | 'timings'>> &
  Pick<CheckpointRecord, 'bytes'>;

/**
 * The records of checkpoints. Every change is a compare-and-set: it names the token of the attempt that makes it and throws
 * GRIT_STEP_FENCED when a later attempt has taken over. Changes are durable when the call returns.
 */
export interface CheckpointCatalog {
  /** Idempotent by id; sets the parent to the workload's latest Ready checkpoint. */
  begin(checkpoint: NewCheckpoint, token: string, signal: AbortSignal): Promise<CheckpointRecord>;
  /** Hands the record to a new attempt. */
  advance(id: string, from: string, to: string, signal: AbortSignal): Promise<CheckpointRecord>;
  /** Creating → Ready. Idempotent for the same digest. */
  seal(id: string, seal: CheckpointSeal, token: string, signal: AbortSignal): Promise<CheckpointRecord>;
  /** Creating → Failed. */
  fail(id: string, error: SerializedGritError, token: string, signal: AbortSignal): Promise<CheckpointRecord>;
  /**
   * Notes a copy of a Ready checkpoint that was verified; idempotent. `of`: digest of what it was copied from. Throws
   * GRIT_IDEMPOTENCY_CONFLICT when that is not this checkpoint.
   */
  addCopy(id: string, copy: CheckpointCopy & { readonly of: string }, signal: AbortSignal): Promise<CheckpointRecord>;
  /**
   * Forgets one place of a checkpoint that is in others, too; a copy takes that of the first. Idempotent. Throws GRIT_CHECKPOINT_PINNED;
   * GRIT_CATALOG_CONFLICT when it is the only one.
   */
  removePlace(id: string, storage: string, signal: AbortSignal): Promise<CheckpointRecord>;
  /** A pinned checkpoint cannot be deleted. */
  pin(id: string, pinned: boolean, signal: AbortSignal): Promise<CheckpointRecord>;
  /** → Deleting; throws GRIT_CHECKPOINT_PINNED. The record goes with {@link CheckpointCatalog.remove} when the bytes are gone. */
  expire(id: string, signal: AbortSignal): Promise<CheckpointRecord>;
  remove(id: string, signal: AbortSignal): Promise<void>;
  /** Throws GRIT_CHECKPOINT_NOT_FOUND. */
  get(id: string, signal: AbortSignal): Promise<CheckpointRecord>;
  /** Newest first. */
  list(
    filter: { readonly workload?: WorkloadRef | undefined },
    signal: AbortSignal,
  ): Promise<readonly CheckpointRecord[]>;
  /** The checkpoint, its parent, and so on. */
  lineage(id: string, signal: AbortSignal): Promise<readonly CheckpointRecord[]>;
}
