// SPDX-License-Identifier: Apache-2.0
import type { Json } from '../json.js';
import type { Timing } from '../progress.js';

/** A process that uses a device, as the host sees it. */
export interface DeviceUse {
  readonly pid: number;
  /** Ids that the driver gives its devices: a GPU's UUID. */
  readonly devices: readonly string[];
}

/** Devices that are quiet: their state is in the memory of the processes. */
export interface QuiescedDevices {
  readonly pids: readonly number[];
  readonly data: Json;
  readonly timings: readonly Timing[];
}

/**
 * Brings the state of devices into host memory before the dump and back after the restore.
 * A runtime driver calls it; pids are host pids. Idempotent like all drivers.
 */
export interface DeviceDriver {
  readonly id: string;
  /** Which of the processes use a device of this driver. */
  discover(pids: readonly number[], signal: AbortSignal): Promise<readonly DeviceUse[]>;
  /** Locks all processes in parallel, then checkpoints each. On any error everything is as before. */
  quiesce(uses: readonly DeviceUse[], signal: AbortSignal): Promise<QuiescedDevices>;
  /** Takes quiesce back on the source. */
  resume(quiesced: QuiescedDevices, signal: AbortSignal): Promise<void>;
  /** Restores on the target; `map` gives for each source device the device here. */
  restore(
    quiesced: QuiescedDevices,
    map: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly Timing[]>;
  /** Throws GRIT_RESTORE_FAILED when a device does not work as before. */
  verify(quiesced: QuiescedDevices, signal: AbortSignal): Promise<void>;
}
