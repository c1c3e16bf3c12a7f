// SPDX-License-Identifier: Apache-2.0
import type { MemoryLimit } from '../devices/raise-limits.js';
import type { DeviceUse, HeldCheckpoint, Hold, ImageSink, PartSource } from '@grit/plugin-api';

/** A hold on disk; written before the workload is frozen. */
export interface HoldRecord {
  readonly hold: Hold;
  /** The sink's directory. */
  readonly directory: string;
  /** Processes that were stopped (by a signal) before the freeze and are to stay so. */
  readonly stopped: readonly number[];
  /** Processes whose devices are, or may be, quiet; written before they are. */
  readonly devices?: readonly DeviceUse[] | undefined;
  /** Memory limits that are, or may be, raised for it; written before they are. */
  readonly raised?: readonly MemoryLimit[] | undefined;
  /** Set when the dump is complete. */
  readonly sealed?: { readonly held: HeldCheckpoint; readonly parts: readonly PartSource[] } | undefined;
}

/** What a dump that is complete already has said, with its files given to the sink; undefined when it has to be made. */
export function takeSealed(hold: HoldRecord | undefined, sink: ImageSink): HeldCheckpoint | undefined {
  if (hold?.sealed === undefined || hold.directory !== sink.directory) return undefined;
  for (const part of hold.sealed.parts) sink.add(part);
  return hold.sealed.held;
}
