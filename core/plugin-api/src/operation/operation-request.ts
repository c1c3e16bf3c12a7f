// SPDX-License-Identifier: Apache-2.0
import type { TcpPolicy } from '../runtime/runtime-driver.js';
import type { ReleaseMode } from '../runtime/hold.js';
import type { WorkloadRef } from '../workload/workload-ref.js';
import type { WorkloadSpec } from '../workload/workload-spec.js';

/** The version of requests that this package describes. */
export const API_VERSION = 'grit.dev/v1';

/** What every request has. */
export interface OperationRequestBase {
  readonly apiVersion: typeof API_VERSION;
  /**
   * 1 to 200 printable characters, chosen by whoever asks. The same key with the same request is the same operation,
   * with a different request GRIT_IDEMPOTENCY_CONFLICT. Without a key every submission is a new operation.
   */
  readonly idempotencyKey?: string | undefined;
  /** Who asks, for the audit: `cli`, the name of a trigger, a user. At most 200 characters. */
  readonly requestedBy?: string | undefined;
}

/** What happens to the workload after its checkpoint: it goes on, it ends, or it stays frozen until `release`. */
export type AfterCheckpoint = 'resume' | 'stop' | 'hold';

/** Freezes a workload, stores its state, verifies what was stored. */
export interface CheckpointRequest extends OperationRequestBase {
  readonly kind: 'checkpoint';
  readonly workload: WorkloadRef;
  /** Default: the configuration's `defaults.afterCheckpoint`. */
  readonly afterCheckpoint?: AfterCheckpoint | undefined;
  /** Name of a storage plugin in grit.yaml; default `defaults.storage`. */
  readonly storage?: string | undefined;
  readonly tcp?: TcpPolicy | undefined;
  /** Milliseconds after which it is deleted, in the place of what the store keeps; never while it is the workload's last good one. */
  readonly ttlMs?: number | undefined;
}

/** Brings a workload back from a checkpoint. Refused while a copy of it is there. */
export interface RestoreRequest extends OperationRequestBase {
  readonly kind: 'restore';
  /** Id of a checkpoint; without it the workload's latest that is Ready. */
  readonly checkpoint?: string | undefined;
  /** Whose checkpoint; one of `checkpoint` and `workload` is needed. */
  readonly workload?: WorkloadRef | undefined;
  /** Default: the node where it was checkpointed. */
  readonly node?: string | undefined;
  /** Takes the image from this storage and no other. Default: the first place of the checkpoint that has it whole. */
  readonly storage?: string | undefined;
  readonly tcp?: TcpPolicy | undefined;
}

/** Moves a workload: checkpoint with a hold, restore on the other node, end of the source. */
export interface MigrateRequest extends OperationRequestBase {
  readonly kind: 'migrate';
  readonly workload: WorkloadRef;
  readonly to: string;
  readonly storage?: string | undefined;
  readonly tcp?: TcpPolicy | undefined;
}

/** Starts a workload (one machine). */
export interface RunRequest extends OperationRequestBase {
  readonly kind: 'run';
  readonly spec: WorkloadSpec;
  readonly node?: string | undefined;
}

/** Ends a workload. */
export interface StopRequest extends OperationRequestBase {
  readonly kind: 'stop';
  readonly workload: WorkloadRef;
  /** Milliseconds from SIGTERM to SIGKILL; default 10,000. */
  readonly graceMs?: number | undefined;
}

/** Releases a held workload. */
export interface ReleaseRequest extends OperationRequestBase {
  readonly kind: 'release';
  readonly workload: WorkloadRef;
  readonly mode: ReleaseMode;
}

/** Deletes a checkpoint with its image, or what is left of an ended workload. */
export interface DeleteRequest extends OperationRequestBase {
  readonly kind: 'delete';
  readonly checkpoint?: string | undefined;
  /** Only the image in this storage; the checkpoint stays where it has been copied to. Default: all of them. */
  readonly storage?: string | undefined;
  readonly workload?: WorkloadRef | undefined;
}

/** Everything that can be asked for. */
export type OperationRequest =
  CheckpointRequest | RestoreRequest | MigrateRequest | RunRequest | StopRequest | ReleaseRequest | DeleteRequest;

/** The kind of an operation; also the name of its job. */
export type OperationKind = OperationRequest['kind'];
