// SPDX-License-Identifier: Apache-2.0
import type { SerializedGritError } from '../errors/grit-error.js';
import type { Json } from '../json.js';
import type { Progress, Timing } from '../progress.js';
import type { WorkloadRef } from '../workload/workload-ref.js';
import type { OperationKind, OperationRequest } from './operation-request.js';

/** Where an operation is. The last three are final. A phase is written after the fact that it names. */
export type OperationPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled';

/** What became of the workload; the truth, not the wish. */
export type OperationOutcome =
  | 'Checkpointed'
  | 'Restored'
  | 'Migrated'
  | 'Started'
  | 'Stopped'
  | 'Released'
  | 'Deleted'
  /** A migration failed after the dump; the workload runs again on its source node. */
  | 'ReturnedToSource'
  /** It failed or was cancelled before the end; the workload goes on as if nothing had been. */
  | 'Resumed'
  /** It failed and the workload is frozen on its node; `grit release` decides. */
  | 'Held'
  /** Nothing had been changed. */
  | 'Unchanged'
  /** It failed and nothing runs; the checkpoint named in the status is complete and can be restored. */
  | 'StoppedWithCheckpoint';

/** One step of an operation, on one node or on the server. */
export interface StepStatus {
  readonly name: string;
  /** Missing for steps of the server. */
  readonly node?: string | undefined;
  readonly phase: OperationPhase;
  /** Grows each time that the step is handed out anew. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly progress?: Progress | undefined;
  readonly error?: SerializedGritError | undefined;
}

/** Everything that is known of an operation. */
export interface OperationStatus {
  /** Sorts by time of creation. */
  readonly id: string;
  readonly kind: OperationKind;
  readonly request: OperationRequest;
  readonly phase: OperationPhase;
  readonly outcome?: OperationOutcome | undefined;
  readonly workload?: WorkloadRef | undefined;
  /** Where the workload was when it began. */
  readonly node?: string | undefined;
  readonly checkpoint?: string | undefined;
  readonly steps: readonly StepStatus[];
  /** Present when the phase is Failed or Cancelled. */
  readonly error?: SerializedGritError | undefined;
  /** From creation to the end, without gaps or overlaps. */
  readonly timings: readonly Timing[];
  readonly result?: Json | undefined;
  readonly createdAt: number;
  readonly finishedAt?: number | undefined;
  /** Grows with each change. */
  readonly revision: number;
}

/** True when the operation will not change any more. */
export function isFinal(phase: OperationPhase): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Cancelled';
}
