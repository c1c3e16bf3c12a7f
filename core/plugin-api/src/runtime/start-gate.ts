// SPDX-License-Identifier: Apache-2.0
import type { WorkloadRef } from '../workload/workload-ref.js';

/**
 * For runtimes whose workloads are started by somebody else, as the kubelet starts pods: a workload that is to go on from a checkpoint waits
 * here until a restore lets it through, or one of these calls does. All of them are idempotent and survive the end of the process.
 */
export interface StartGate {
  /** Lets the workload start from the beginning. Errors: GRIT_WORKLOAD_NOT_FOUND when it is not on this node. */
  startFresh(workload: WorkloadRef, signal: AbortSignal): Promise<void>;
  /** Ends its wait: its start fails with the message, at once. What was prepared for it goes. */
  refuse(workload: WorkloadRef, message: string, signal: AbortSignal): Promise<void>;
  /** What waits here now. */
  waiting(signal: AbortSignal): Promise<readonly WorkloadRef[]>;
}
