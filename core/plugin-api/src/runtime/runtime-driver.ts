// SPDX-License-Identifier: Apache-2.0
import type { ImageSink } from '../image/image-sink.js';
import type { ImageSource, RuntimeRecord } from '../image/image-source.js';
import type { Json } from '../json.js';
import type { ProgressListener, Timing } from '../progress.js';
import type { WorkloadStatus } from '../workload/workload-launcher.js';
import type { WorkloadRef } from '../workload/workload-ref.js';
import type { Hold, ReleaseMode } from './hold.js';
import type { NodeFacts } from './node-facts.js';
import type { PreflightReport } from './preflight.js';
import type { StartGate } from './start-gate.js';

/** What to do about open TCP connections. `refuse`: a blocker. `keep`: needs the same address. `close`: the peer sees a reset. */
export type TcpPolicy = 'refuse' | 'keep' | 'close';

/**
 * Which containers of a workload are in its image, by name: those that are included (default: all) and not excluded. The others are no part of the
 * work: they go on when the dump is done, hold or no hold, and begin anew where the workload is restored.
 */
export interface ContainerChoice {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** Choices of one checkpoint. */
export interface CheckpointOptions {
  /** Id of the checkpoint; also the id of the hold. Unique for ever, safe in paths. */
  readonly checkpoint: string;
  readonly tcp: TcpPolicy;
  /** Of workloads that have several. */
  readonly containers?: ContainerChoice | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** A finished dump: the workload is frozen, its state is in the sink's directory. */
export interface HeldCheckpoint {
  readonly hold: Hold;
  readonly runtime: RuntimeRecord;
  /** What compatibility is judged by at restore: kernel, arch, versions. */
  readonly facts: Readonly<Record<string, string>>;
  readonly timings: readonly Timing[];
}

/** Where and as what an image is restored. */
export interface RestoreTarget {
  /** Same name as the source's unless the request says otherwise. */
  readonly workload: WorkloadRef;
  /** Unique for this restore; a second call with the same id continues or repeats the first. */
  readonly restore: string;
  readonly tcp: TcpPolicy;
  readonly onProgress?: ProgressListener | undefined;
}

/** Everything that `restore` needs beside the image: plain data, the driver's own. */
export interface PreparedRestore {
  readonly restore: string;
  readonly workload: WorkloadRef;
  readonly data: Json;
  readonly timings: readonly Timing[];
}

/** A workload that runs again. */
export interface RestoredWorkload {
  readonly restore: string;
  readonly status: WorkloadStatus;
  readonly timings: readonly Timing[];
}

/**
 * Freezes, dumps and restores the workloads of one node.
 *
 * Rules for every driver:
 * - Calls are idempotent by checkpoint or restore id: after a crash the same call is made again and must continue,
 *   repeat or report what was done. Two calls for one workload are never made at the same time.
 * - On an abort the driver stops within a second, ends its child processes, and leaves the workload as it says below.
 * - Errors are GritErrors; anything else counts as a defect of the driver.
 */
export interface RuntimeDriver {
  /** Kebab-case id, written into every image: `criu`. */
  readonly id: string;

  /** Where somebody else starts the workloads. */
  readonly gate?: StartGate | undefined;

  /** Facts of this node. Never throws for something that is missing: it is a problem in the answer. */
  probe(signal: AbortSignal): Promise<NodeFacts>;

  /**
   * Looks for reasons against a checkpoint without touching the workload.
   * Errors: GRIT_WORKLOAD_NOT_FOUND, GRIT_WORKLOAD_NOT_RUNNING, GRIT_WORKLOAD_HELD.
   */
  preflight(
    workload: WorkloadRef,
    options: Pick<CheckpointOptions, 'tcp' | 'containers'>,
    signal: AbortSignal,
  ): Promise<PreflightReport>;

  /**
   * Freezes the workload, dumps it into the sink and leaves it frozen: not one instruction of it runs after the dump.
   * Called again with the id of a finished dump (and the same directory) it returns the same result; after a crash in the middle
   * it clears what is left, dumps anew and reports that. On any error or abort the workload may still be frozen: the caller
   * always ends with {@link RuntimeDriver.release}.
   * Errors: GRIT_DUMP_FAILED, GRIT_NODE_STORAGE_FULL.
   */
  checkpoint(
    workload: WorkloadRef,
    sink: ImageSink,
    options: CheckpointOptions,
    signal: AbortSignal,
  ): Promise<HeldCheckpoint>;

  /**
   * Ends a hold. Idempotent: for a hold that is gone it does nothing, as long as the workload is in the state asked for.
   * `resume` must succeed after a dump that failed at any point. `stop` returns when no process of the workload is left.
   * Returns the parts that are worth a line of their own, as those of devices; none is fine.
   * Errors: GRIT_HOLD_NOT_FOUND when the workload is neither held nor in the state asked for.
   */
  release(hold: Hold, mode: ReleaseMode, signal: AbortSignal): Promise<readonly Timing[]>;

  /** The holds on this node, read from disk and the kernel, not from memory. */
  holds(signal: AbortSignal): Promise<readonly Hold[]>;

  /**
   * Everything before the processes exist: checks, root file system, bundle. Starts nothing.
   * Errors: GRIT_RESTORE_INCOMPATIBLE, GRIT_WORKLOAD_RUNNING, GRIT_NODE_STORAGE_FULL.
   */
  prepareRestore(source: ImageSource, target: RestoreTarget, signal: AbortSignal): Promise<PreparedRestore>;

  /**
   * Brings the processes back and returns when they run. Called again for a restore that is done it returns its result
   * and never starts a second copy. After an error nothing of it runs.
   * Errors: GRIT_RESTORE_FAILED.
   */
  restore(prepared: PreparedRestore, source: ImageSource, signal: AbortSignal): Promise<RestoredWorkload>;

  /** Checks that what was restored is there: processes, state. Throws GRIT_RESTORE_FAILED. A job that ended by itself in the meantime is fine. */
  verify(restored: RestoredWorkload, signal: AbortSignal): Promise<WorkloadStatus>;

  /**
   * Undoes prepareRestore and a restore that did not succeed: nothing runs, nothing is mounted, nothing is left. Idempotent. Where somebody else
   * starts the workloads, one that goes on is left alone, also when it has ended since: it is returned.
   */
  abandonRestore(
    prepared: Pick<PreparedRestore, 'restore' | 'workload'>,
    signal: AbortSignal,
  ): Promise<RestoredWorkload | undefined>;

  /**
   * Optional: the root file system of a running workload as this process sees it, an absolute path; good while the workload runs.
   * Errors: GRIT_WORKLOAD_NOT_FOUND, GRIT_WORKLOAD_NOT_RUNNING.
   */
  rootOf?(workload: WorkloadRef, signal: AbortSignal): Promise<string>;
}
