// SPDX-License-Identifier: Apache-2.0
import type { OperationRequest } from './operation-request.js';
import type { OperationStatus } from './operation-status.js';

/** The answer to a submission. */
export interface SubmittedOperation {
  readonly id: string;
  /** True when the idempotency key had been used: the operation is the earlier one. */
  readonly duplicate: boolean;
}

/** What a trigger, the API and the command line do with operations. */
export interface OperationClient {
  /**
   * Takes a request; durable in the catalog when it returns.
   * Errors: GRIT_REQUEST_INVALID, GRIT_REQUEST_VERSION, GRIT_IDEMPOTENCY_CONFLICT.
   */
  submit(request: OperationRequest, signal: AbortSignal): Promise<SubmittedOperation>;
  /** Throws GRIT_OPERATION_NOT_FOUND. */
  get(id: string, signal: AbortSignal): Promise<OperationStatus>;
  /** The status now and after each change, up to the final one. Changes that follow each other closely may come as one. */
  watch(id: string, signal: AbortSignal): AsyncIterable<OperationStatus>;
  /** Asks for the end of an operation; what it had done is taken back. Nothing happens to a finished one. */
  cancel(id: string, reason: string, signal: AbortSignal): Promise<void>;
}

/** Runs operations as journaled steps with compensation and continues them after a crash. One per catalog is active. */
export interface OperationCoordinator extends OperationClient {
  /** Takes up unfinished operations and starts to work. */
  start(signal: AbortSignal): Promise<void>;
  /** Lets go of everything; steps that run on nodes go on and are met again by the next start. */
  stop(): Promise<void>;
}
