// SPDX-License-Identifier: Apache-2.0
import type { Json } from '../json.js';
import type { Timing } from '../progress.js';
import type { NodeFacts } from './node-facts.js';
import type { PreflightFinding } from './preflight.js';

/** A process of a workload, as the runtime driver sees it. */
export interface DeviceProcess {
  /** As the host sees it. Always that of the whole process, never that of a thread. */
  readonly pid: number;
  /** The process group leader's start in clock ticks since the boot: tells it from a later process with the same pid. */
  readonly startTime: string;
  /** In its own pid namespace: the same after a restore. */
  readonly innerPid: number;
  /** Name of its container; that of the workload where there is only one. */
  readonly container: string;
}

/** A process that uses devices. Plain data: a hold keeps it, so that whoever comes after a crash can take a quiesce back. */
export interface DeviceUse extends DeviceProcess {
  /** Ids of all devices that it can see, used or not: UUIDs, in the order that its driver gives them. */
  readonly devices: readonly string[];
  /** Those of them that have memory of it; missing where that is not known: it may be any. */
  readonly memoryOn?: readonly string[] | undefined;
  /** Device memory that it uses, in bytes: as much host memory is needed while its state is there. */
  readonly bytes: number;
}

/** What a restore has to know of the devices, part of the image. */
export interface DeviceRecord {
  /** Id of the driver. */
  readonly driver: string;
  readonly uses: readonly Omit<DeviceUse, 'pid' | 'startTime'>[];
  /** The driver's own: models, memory, versions. */
  readonly data: Json;
}

/** A container that is to be restored, before anything of it runs. */
export interface DeviceTarget {
  readonly container: string;
  /** Its device nodes as it will see them: `/dev/nvidia0`. */
  readonly nodes: readonly string[];
}

/** Source device to device here; empty when all stay the same. */
export type DeviceMap = Readonly<Record<string, string>>;

/** A process on the target whose devices come back: pids are those here, devices those of the source. */
export interface DeviceReturn {
  readonly use: DeviceUse;
  readonly map: DeviceMap;
}

/**
 * Brings the state of devices into the memory of their processes before the dump and back after the restore.
 * A runtime driver calls it. All calls are idempotent: after a crash the same call is made again. None of them is ever made for processes
 * that are frozen. On an abort a call returns within a second; what it had begun is taken back by {@link DeviceDriver.resume}.
 */
export interface DeviceDriver {
  /** Kebab case, written into every image: `nvidia`. */
  readonly id: string;

  /** Facts of this node's devices. Never throws for something that is missing. */
  probe(signal: AbortSignal): Promise<NodeFacts>;

  /** True for the path of a device node (or of something mapped) whose state this driver carries for the processes that use it. */
  owns(path: string): boolean;

  /** Which of the processes use its devices. Touches nothing. Errors: GRIT_DEVICE_UNAVAILABLE. */
  discover(processes: readonly DeviceProcess[], signal: AbortSignal): Promise<readonly DeviceUse[]>;

  /**
   * Reasons against a checkpoint that only this driver knows. @param processes - all of the workload; those of them that use devices are in `uses`.
   * An open device of a process without use is a blocker: nothing would close it.
   */
  preflight(
    processes: readonly DeviceProcess[],
    uses: readonly DeviceUse[],
    signal: AbortSignal,
  ): Promise<readonly PreflightFinding[]>;

  /**
   * Locks all in parallel, then takes the state of each into its memory. On an error all of it is taken back before this throws.
   * Errors: GRIT_DEVICE_BUSY (work did not end in time; all is as before), GRIT_DEVICE_FAILED (all is as before),
   * GRIT_DEVICE_LOST (a process cannot go on; details say which).
   */
  quiesce(uses: readonly DeviceUse[], signal: AbortSignal): Promise<QuiescedDevices>;

  /**
   * Takes a quiesce back, whole or half, from what the devices say and not from memory: those in order are left alone, ended processes too.
   * Errors: GRIT_DEVICE_LOST.
   */
  resume(uses: readonly DeviceUse[], signal: AbortSignal): Promise<readonly Timing[]>;

  /**
   * Chooses the devices that the uses of these containers will have, before anything of them is started.
   * Errors: GRIT_RESTORE_INCOMPATIBLE (other model, fewer devices, other driver), GRIT_DEVICE_BUSY (not enough free memory now; retryable).
   */
  planRestore(record: DeviceRecord, targets: readonly DeviceTarget[], signal: AbortSignal): Promise<DeviceMap>;

  /**
   * Restores and unlocks on the target, then checks that each works; those that work already are left alone.
   * Errors: GRIT_DEVICE_LOST: it cannot be tried again with these processes.
   */
  restore(uses: readonly DeviceReturn[], signal: AbortSignal): Promise<readonly Timing[]>;

  /** Ends what it has at work: child processes. */
  close(): Promise<void>;
}

/** Devices that are quiet: their state is in the memory of the processes. */
export interface QuiescedDevices {
  /** Goes into the image. */
  readonly record: DeviceRecord;
  /** `lock` and `device-checkpoint`: the longest of each, as they run side by side. */
  readonly timings: readonly Timing[];
}
