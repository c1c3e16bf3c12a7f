// SPDX-License-Identifier: Apache-2.0
import type {
  CheckpointCatalog,
  Json,
  NodeFacts,
  OperationOutcome,
  OperationPhase,
  OperationRequest,
  OperationStatus,
  Progress,
  SerializedGritError,
  SubmittedOperation,
  Timing,
  WorkloadRef,
  WorkloadSpec,
} from '@grit/plugin-api';

/** A step as the catalog has it: the authority for what a node may do. */
export interface StepRecord {
  readonly operation: string;
  /** Unique in its operation. */
  readonly name: string;
  readonly node: string | undefined;
  readonly phase: OperationPhase;
  readonly attempt: number;
  /** Changes with each attempt; whoever holds an older one is fenced. */
  readonly token: string;
  /** What the node is told to do. */
  readonly input: Json;
  readonly output: Json | undefined;
  readonly error: SerializedGritError | undefined;
  readonly progress: Progress | undefined;
  readonly startedAt: number;
  readonly finishedAt: number | undefined;
}

/** Where a workload is meant to be, and how it was when last seen. */
export interface WorkloadRecord {
  readonly workload: WorkloadRef;
  readonly node: string;
  readonly spec: WorkloadSpec;
  /** `starting` and `stopped` are ours; the others come from the node. */
  readonly state: 'starting' | 'running' | 'held' | 'exited' | 'stopped' | 'missing';
  readonly exitCode: number | undefined;
  readonly logPath: string | undefined;
  readonly restoredFrom: string | undefined;
  /** Operation that works on it now. */
  readonly busy: string | undefined;
  /** Checkpoint whose hold it is in. */
  readonly hold: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A node and its agent. */
export interface NodeRecord {
  readonly name: string;
  /** New with each start of the agent. */
  readonly incarnation: string;
  readonly ready: boolean;
  readonly facts: NodeFacts;
  readonly lastSeen: number;
}

/** The end of an operation. */
export interface OperationEnd {
  readonly phase: 'Succeeded' | 'Failed' | 'Cancelled';
  readonly outcome: OperationOutcome;
  readonly error?: SerializedGritError | undefined;
  readonly timings: readonly Timing[];
  readonly result?: Json | undefined;
}

/** One line of the audit. */
export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  /** submit, cancel, finish, fence. */
  readonly action: string;
  readonly subject: string;
  readonly details?: Json | undefined;
}

/**
 * The only truth on one machine. Calls are synchronous and durable (journal synced) when they return, except progress.
 * Errors: GRIT_CATALOG_FAILED for the file, GRIT_STEP_FENCED for a token that is no longer the newest.
 */
export interface Catalog {
  readonly checkpoints: CheckpointCatalog;

  /** Idempotent by key: a different request under a used key throws GRIT_IDEMPOTENCY_CONFLICT. Ids sort by time. */
  createOperation(request: OperationRequest): SubmittedOperation;
  getOperation(id: string): OperationStatus;
  /** Newest first. */
  listOperations(filter: {
    readonly limit?: number | undefined;
    readonly unfinished?: boolean | undefined;
    readonly workload?: WorkloadRef | undefined;
  }): readonly OperationStatus[];
  /** Pending → Running, and facts that became known. No change after the end. */
  updateOperation(
    id: string,
    facts: Partial<Pick<OperationStatus, 'phase' | 'workload' | 'node' | 'checkpoint'>>,
  ): void;
  /** Asks for the end; kept until the coordinator has acted on it. False when it is finished. */
  requestCancel(id: string, reason: string): boolean;
  cancelRequested(id: string): string | undefined;
  /** Final; a second call changes nothing. Releases the workload's lock in the same transaction. */
  endOperation(id: string, end: OperationEnd): OperationStatus;
  /** Tells of each change of an operation. Returns the function that ends it. */
  onChange(id: string, listener: () => void): () => void;

  /**
   * Hands a step out. A succeeded or failed step is returned as it is. A running one gets a new attempt and token only with
   * `takeOver`; without it, it is returned as it is.
   */
  startStep(
    operation: string,
    step: {
      readonly name: string;
      readonly node?: string | undefined;
      readonly input: Json;
      readonly takeOver?: boolean | undefined;
    },
  ): StepRecord;
  getStep(operation: string, name: string): StepRecord | undefined;
  /** What a node asks before it acts: the step if the token is the newest and it is not finished, else GRIT_STEP_FENCED. */
  claimStep(operation: string, name: string, token: string): StepRecord;
  /** Kept in memory and written at most once a second: losing it loses nothing. */
  progressStep(operation: string, name: string, token: string, progress: Progress): void;
  /** Running → Succeeded or Failed. Idempotent for the same token. */
  finishStep(
    operation: string,
    name: string,
    token: string,
    result: { readonly output: Json } | { readonly error: SerializedGritError },
  ): StepRecord;
  /** Running steps of a node, for an agent that has started anew. */
  runningSteps(node: string): readonly StepRecord[];

  /** Throws GRIT_WORKLOAD_NAME_TAKEN when the record exists and was not made by the same operation. Locks it. */
  createWorkload(record: {
    readonly workload: WorkloadRef;
    readonly node: string;
    readonly spec: WorkloadSpec;
    readonly operation: string;
  }): WorkloadRecord;
  getWorkload(workload: WorkloadRef): WorkloadRecord | undefined;
  listWorkloads(): readonly WorkloadRecord[];
  updateWorkload(
    workload: WorkloadRef,
    facts: Partial<Omit<WorkloadRecord, 'workload' | 'createdAt' | 'updatedAt' | 'busy'>>,
  ): WorkloadRecord;
  /** Takes the workload for an operation; throws GRIT_WORKLOAD_BUSY when another has it, GRIT_WORKLOAD_NOT_FOUND. */
  lockWorkload(workload: WorkloadRef, operation: string): WorkloadRecord;
  deleteWorkload(workload: WorkloadRef): void;

  /** True when the incarnation is new: the steps that it was running must be handed out again. */
  recordNode(node: { readonly name: string; readonly incarnation: string; readonly facts: NodeFacts }): boolean;
  touchNode(name: string, incarnation: string): boolean;
  getNode(name: string): NodeRecord | undefined;
  listNodes(): readonly NodeRecord[];

  audit(entry: Omit<AuditEntry, 'at'>): void;
  listAudit(filter: {
    readonly subject?: string | undefined;
    readonly limit?: number | undefined;
  }): readonly AuditEntry[];

  close(): void;
}
