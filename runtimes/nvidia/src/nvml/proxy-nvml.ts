// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError } from '@grit/plugin-api';
import { DEFAULT_LIMITS } from '../cuda/call-limits.js';
import type { DriverProxies } from '../cuda/driver-proxies.js';
import type { Gpu, GpuProcess, Nvml } from './gpus.js';

/** NVML in the proxy that asks the CUDA driver too. */
export class ProxyNvml implements Nvml {
  /** @param limitMs - how long the driver may take for an answer */
  constructor(
    private readonly proxies: DriverProxies,
    private readonly limitMs = DEFAULT_LIMITS.askMs,
  ) {}

  async driverVersion(signal: AbortSignal): Promise<string> {
    return orUnavailable(this.proxies.ask({ call: 'driverVersion' }, this.limitMs, signal));
  }

  async gpus(signal: AbortSignal): Promise<readonly Gpu[]> {
    return orUnavailable(this.proxies.ask({ call: 'gpus' }, this.limitMs, signal));
  }

  async processes(signal: AbortSignal): Promise<readonly GpuProcess[]> {
    return orUnavailable(this.proxies.ask({ call: 'processes' }, this.limitMs, signal));
  }
}

/** A library that crashes when it is asked is as good as none. */
async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isGritError(error) || error.code !== 'GRIT_DEVICE_FAILED') throw error;
    throw new GritError('GRIT_DEVICE_UNAVAILABLE', `NVML: ${error.message}`, { cause: error });
  }
}
