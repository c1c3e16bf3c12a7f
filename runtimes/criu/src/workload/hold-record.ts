// SPDX-License-Identifier: Apache-2.0
import type { HeldCheckpoint, Hold, PartSource } from '@grit/plugin-api';

/** A hold on disk; written before the workload is frozen. */
export interface HoldRecord {
  readonly hold: Hold;
  /** The sink's directory. */
  readonly directory: string;
  /** Processes that were stopped (by a signal) before the freeze and are to stay so. */
  readonly stopped: readonly number[];
  /** Set when the dump is complete. */
  readonly sealed?: { readonly held: HeldCheckpoint; readonly parts: readonly PartSource[] } | undefined;
}
