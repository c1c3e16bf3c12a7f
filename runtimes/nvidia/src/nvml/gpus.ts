// SPDX-License-Identifier: Apache-2.0

/** A GPU of this node, as NVML describes it now. */
export interface Gpu {
  /** `GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` */
  readonly uuid: string;
  /** The model: `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  /** n of its device node `/dev/nvidia<n>`. */
  readonly minor: number;
  /** `00000000:01:00.0` */
  readonly busId: string;
  readonly memoryBytes: number;
  readonly freeBytes: number;
  readonly persistence: boolean;
  readonly mig: boolean;
  /** `default`, `exclusive-thread`, `prohibited` or `exclusive-process`. */
  readonly computeMode: string;
}

/** Memory that one process has on one GPU. */
export interface GpuProcess {
  /** As the host sees it. */
  readonly pid: number;
  /** UUID of the GPU. */
  readonly gpu: string;
  readonly bytes: number;
}

/** What NVML knows of this node. Errors: GRIT_DEVICE_UNAVAILABLE (no NVML, or it does not work), GRIT_TIMEOUT, GRIT_ABORTED. */
export interface Nvml {
  /** `580.65.06` */
  driverVersion(signal: AbortSignal): Promise<string>;
  gpus(signal: AbortSignal): Promise<readonly Gpu[]>;
  /** The processes with a context, on all GPUs. */
  processes(signal: AbortSignal): Promise<readonly GpuProcess[]>;
}
