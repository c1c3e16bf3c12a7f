// SPDX-License-Identifier: Apache-2.0
import type {
  DeviceDriver,
  DeviceMap,
  DeviceProcess,
  DeviceRecord,
  DeviceReturn,
  DeviceTarget,
  DeviceUse,
  NodeFacts,
  PreflightFinding,
  QuiescedDevices,
  Timing,
} from '@grit/plugin-api';
import { discover } from './discover.js';
import { gpuFacts } from './gpu-facts.js';
import { DRIVER_ID } from './gpu-record.js';
import type { GpuTools } from './gpu-tools.js';
import { planRestore } from './plan-restore.js';
import { preflight } from './preflight.js';
import { quiesce } from './quiesce.js';
import { restore } from './restore.js';
import { resume } from './resume.js';

/** Carries the state of NVIDIA GPUs with the checkpoint calls of the CUDA driver. CRIU's own plugin for it is never loaded. */
export class NvidiaDeviceDriver implements DeviceDriver {
  readonly id = DRIVER_ID;

  constructor(private readonly tools: GpuTools) {}

  async probe(signal: AbortSignal): Promise<NodeFacts> {
    return gpuFacts(this.tools, signal);
  }

  owns(path: string): boolean {
    return path.startsWith('/dev/nvidia');
  }

  async discover(processes: readonly DeviceProcess[], signal: AbortSignal): Promise<readonly DeviceUse[]> {
    return discover(this.tools, processes, signal);
  }

  async preflight(
    _processes: readonly DeviceProcess[],
    uses: readonly DeviceUse[],
    signal: AbortSignal,
  ): Promise<readonly PreflightFinding[]> {
    return preflight(this.tools, uses, signal);
  }

  async quiesce(uses: readonly DeviceUse[], signal: AbortSignal): Promise<QuiescedDevices> {
    return quiesce(this.tools, uses, signal);
  }

  async resume(uses: readonly DeviceUse[], signal: AbortSignal): Promise<readonly Timing[]> {
    return resume(this.tools, uses, signal);
  }

  async planRestore(record: DeviceRecord, targets: readonly DeviceTarget[], signal: AbortSignal): Promise<DeviceMap> {
    return planRestore(this.tools, record, targets, signal);
  }

  async restore(uses: readonly DeviceReturn[], signal: AbortSignal): Promise<readonly Timing[]> {
    return restore(this.tools, uses, signal);
  }

  async close(): Promise<void> {
    await this.tools.cuda.close();
  }
}
