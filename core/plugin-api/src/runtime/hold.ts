// SPDX-License-Identifier: Apache-2.0
import type { WorkloadRef } from '../workload/workload-ref.js';

/**
 * A workload that is kept frozen until somebody releases it. The driver has it on disk before it freezes anything,
 * so a hold outlives every process of ours.
 */
export interface Hold {
  /** Equal to the id of the checkpoint that it was made for. */
  readonly id: string;
  readonly workload: WorkloadRef;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** How a hold ends: the workload goes on, or it is ended for good. */
export type ReleaseMode = 'resume' | 'stop';
