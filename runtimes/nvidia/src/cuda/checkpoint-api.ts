// SPDX-License-Identifier: Apache-2.0

/** What the driver says of a process; the last two are known to CUDA 13.4 and later. */
export type CudaState = 'running' | 'locked' | 'checkpointed' | 'failed' | 'checkpointing' | 'restoring';

/** A GPU of the source and the one that takes its place. UUIDs as NVML writes them: `GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
export interface GpuPair {
  readonly from: string;
  readonly to: string;
}

/**
 * The checkpoint calls of the CUDA driver. pids are host pids of whole processes. Every call has a limit from outside; several run side by side.
 * None may be made for a frozen process: it would not be answered.
 *
 * Errors: CudaError for an answer of the driver; GritError GRIT_DEVICE_UNAVAILABLE (no libcuda, too old), GRIT_DEVICE_FAILED (what made the call
 * died in it), GRIT_TIMEOUT (not answered in time: what made the call was killed), GRIT_ABORTED.
 * After an abort an action may still be under way in the driver; the next call for the same pid waits until it has ended.
 */
export interface CheckpointApi {
  /**
   * Gets ready for that many actions side by side, so that what takes seconds (to begin with the driver) is done while all still runs.
   * Worth it before a lock or a restore, never needed; never fails but by GRIT_ABORTED.
   */
  prepare(actions: number, signal: AbortSignal): Promise<void>;
  /** Thread id of the process's restore thread; undefined: not a CUDA process. */
  restoreThread(pid: number, signal: AbortSignal): Promise<number | undefined>;
  state(pid: number, signal: AbortSignal): Promise<CudaState>;
  /** @param timeoutMs - how long submitted work may take to end; then it throws CUDA_ERROR_NOT_READY and the process goes on. */
  lock(pid: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  checkpoint(pid: number, signal: AbortSignal): Promise<void>;
  /** @param pairs - every GPU that the process could see; empty when all stay the same. */
  restore(pid: number, pairs: readonly GpuPair[], signal: AbortSignal): Promise<void>;
  unlock(pid: number, signal: AbortSignal): Promise<void>;
  /** Ends what it has at work: child processes. */
  close(): Promise<void>;
}
