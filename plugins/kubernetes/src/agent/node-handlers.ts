// SPDX-License-Identifier: Apache-2.0
import type { Collected, Logger } from '@grit/plugin-api';
import type { Checkpoint } from '../api/checkpoint.js';
import type { CheckpointStore } from '../api/checkpoint-store.js';
import type { Restore } from '../api/restore.js';
import type { Step, StepName, StepProgress, StepReport } from '../api/step.js';

/** What the API server says that this node is to do. */
export type StepOrder = { readonly step: Step } & (
  { readonly kind: 'Checkpoint'; readonly object: Checkpoint } | { readonly kind: 'Restore'; readonly object: Restore }
);

/** What a handler may do beside its work. */
export interface StepContext {
  /**
   * Aborted when the step is not wanted any more (another order, the object deleted) or the agent ends. The handler stops and throws; it
   * undoes nothing: either the next order says what to do, or the next agent goes on.
   */
  readonly signal: AbortSignal;
  /** As often as there is news; at most one a second is written. */
  readonly onProgress: (progress: StepProgress) => void;
  /** Bound to object and step. */
  readonly logger: Logger;
}

/** What a step that went well has to tell. */
export type StepResult = Partial<Pick<StepReport, 'timings' | 'image' | 'held' | 'outcome' | 'progress'>>;

/**
 * Does a step. Throws a GritError when it fails: code, message and hint stand in the report. Idempotent by the object's UID and
 * the step's name: after a crash of the agent the same order is given again, and the handler goes on from what it finds.
 */
export type StepHandler = (order: StepOrder, context: StepContext) => Promise<StepResult>;

/** What a node can do. */
export type NodeHandlers = { readonly [K in StepName]: StepHandler } & {
  /** Whether this node can write to and read from the store; throws a GritError when not. */
  readonly probeStore: (store: CheckpointStore, signal: AbortSignal) => Promise<void>;
  /**
   * Removes from the store what no image needs and nobody has written to for `graceMs`. Undefined where its plugin does not do that. Throws a
   * GritError when it cannot be done.
   */
  readonly collectStore: (
    store: CheckpointStore,
    graceMs: number,
    signal: AbortSignal,
  ) => Promise<Collected | undefined>;
};
