// SPDX-License-Identifier: Apache-2.0
import type { WorkloadRef } from './workload-ref.js';
import type { WorkloadSpec } from './workload-spec.js';

/** How a workload is, seen by the runtime itself at this moment. */
export type WorkloadState = 'running' | 'held' | 'exited' | 'missing';

/** What the runtime knows of a workload. */
export interface WorkloadStatus {
  readonly workload: WorkloadRef;
  readonly state: WorkloadState;
  /** Host pid of the first process, while there is one. */
  readonly pid?: number | undefined;
  /** After the end: the exit code, 128 + n for signal n. */
  readonly exitCode?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  /** Absolute path of the file that has stdout and stderr on this node. */
  readonly logPath?: string | undefined;
  /** Pinned by the restore that made this copy. */
  readonly restoredFrom?: string | undefined;
}

/**
 * Starts workloads on this node. A runtime plugin has it where nothing else starts containers (one machine);
 * in a cluster the kubelet does. All calls are idempotent by name.
 */
export interface WorkloadLauncher {
  /**
   * Starts the workload and returns when its first process runs.
   * A second call for a living workload with the same spec returns its status; with another spec it throws GRIT_WORKLOAD_NAME_TAKEN.
   * Errors: GRIT_WORKLOAD_START_FAILED with the runtime's own words.
   */
  start(spec: WorkloadSpec, signal: AbortSignal): Promise<WorkloadStatus>;
  /** State `missing` for an unknown workload; never throws for that. */
  inspect(workload: WorkloadRef, signal: AbortSignal): Promise<WorkloadStatus>;
  list(signal: AbortSignal): Promise<readonly WorkloadStatus[]>;
  /** SIGTERM, then SIGKILL after `graceMs`. Works on a held workload too. Returns when no process is left. */
  stop(workload: WorkloadRef, options: { readonly graceMs: number }, signal: AbortSignal): Promise<WorkloadStatus>;
  /** Removes what is left of an ended workload: bundle, root, log. Throws GRIT_WORKLOAD_RUNNING while it runs. */
  remove(workload: WorkloadRef, signal: AbortSignal): Promise<void>;
}
