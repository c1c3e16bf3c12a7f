// SPDX-License-Identifier: Apache-2.0
/**
 * Runtime of a machine with NVIDIA GPUs: runtime-criu, and the memory of GPUs carried with the checkpoint calls of the CUDA driver.
 *
 * @packageDocumentation
 */
import { coreServices, definePlugin } from '@grit/plugin-api';
import { createRuntime } from '@grit/runtime-criu';
import { CONFIG } from './config.js';
import { openGpus } from './open-gpus.js';

export default definePlugin({
  config: CONFIG,
  deps: { host: coreServices.host, logger: coreServices.logger },
  create: async ({ config, deps: { host, logger } }) =>
    createRuntime({ stateDirectory: host.stateDirectory, config, logger, devices: openGpus(config, logger) }),
});

// For programs that drive the GPUs of a process themselves.
export type { CheckpointApi, CudaState, GpuPair } from './cuda/checkpoint-api.js';
export { CudaError } from './cuda/cuda-error.js';
export { DriverProxies, type ProxiesOptions } from './cuda/driver-proxies.js';
export { openCheckpointApi, type CheckpointApiOptions } from './cuda/open-checkpoint-api.js';
export type { Gpu, GpuProcess, Nvml } from './nvml/gpus.js';
export { ProxyNvml } from './nvml/proxy-nvml.js';
