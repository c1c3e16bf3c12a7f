// SPDX-License-Identifier: Apache-2.0
import type { OperationClient } from '../operation/operation-coordinator.js';

/**
 * What a trigger is given: submit, watch, cancel. Each outside event has an idempotency key of its own, so that an event
 * seen twice (two watchers, a restart) is one operation. While the queue is down `submit` throws a retryable error:
 * the trigger keeps the event and tries again.
 */
export type OperationSink = OperationClient;

/** Turns outside events into operations and tells the outside what became of them. Runs in the server. */
export interface Trigger {
  /**
   * Begins to listen and returns when it does. Events that happened before count if the outside still has them.
   * The signal ends the start, not the trigger.
   */
  start(sink: OperationSink, signal: AbortSignal): Promise<void>;
  /** Takes no new event, gives those at hand a chance to be submitted, and returns. The signal is the deadline. */
  stop(signal: AbortSignal): Promise<void>;
}
