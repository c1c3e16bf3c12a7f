// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import type { NvidiaConfig } from './config.js';
import { DriverProxies } from './cuda/driver-proxies.js';
import { openCheckpointApi } from './cuda/open-checkpoint-api.js';
import { parseMap } from './device/device-map.js';
import { NvidiaDeviceDriver } from './device/nvidia-device-driver.js';
import { ProxyNvml } from './nvml/proxy-nvml.js';

/** The options that matter for GPUs. */
type GpuConfig = Pick<
  NvidiaConfig,
  'libraryDirectory' | 'cudaCheckpoint' | 'lockTimeoutSeconds' | 'deviceTimeoutSeconds' | 'gpuMap'
>;

/** The driver of this node's GPUs; nothing is asked before the first call. Errors: GRIT_CONFIG_INVALID. */
export function openGpus(config: GpuConfig, logger: Logger): NvidiaDeviceDriver {
  const { libraryDirectory, cudaCheckpoint, gpuMap } = config;
  const proxies = new DriverProxies({ libraryDirectory, logger });
  return new NvidiaDeviceDriver({
    cuda: openCheckpointApi({ proxies, cudaCheckpoint, limits: { moveMs: config.deviceTimeoutSeconds * 1_000 } }),
    nvml: new ProxyNvml(proxies),
    lockTimeoutMs: config.lockTimeoutSeconds * 1_000,
    map: gpuMap === undefined ? new Map() : parseMap(gpuMap),
  });
}
