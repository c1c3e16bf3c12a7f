// SPDX-License-Identifier: Apache-2.0
import type { CheckpointApi } from '../cuda/checkpoint-api.js';
import type { Nvml } from '../nvml/gpus.js';
import type { WantedMap } from './device-map.js';

/** What the actions on GPUs work with. */
export interface GpuTools {
  readonly cuda: CheckpointApi;
  readonly nvml: Nvml;
  /** Milliseconds that submitted work may take to end. */
  readonly lockTimeoutMs: number;
  /** What is wanted by hand. */
  readonly map: WantedMap;
  /** `serial` exists to show why it must not be so. */
  readonly lockOrder?: 'parallel' | 'serial' | undefined;
}
