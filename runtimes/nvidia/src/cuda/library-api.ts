// SPDX-License-Identifier: Apache-2.0
import type { CallLimits } from './call-limits.js';
import type { CheckpointApi, CudaState, GpuPair } from './checkpoint-api.js';
import { stateOf } from './cuda-states.js';
import { gpuPairs } from './arg-structs.js';
import type { DriverProxies } from './driver-proxies.js';

/** The checkpoint calls through libcuda, in proxies. */
export class LibraryApi implements CheckpointApi {
  constructor(
    private readonly proxies: DriverProxies,
    private readonly limits: CallLimits,
  ) {}

  async prepare(actions: number, signal: AbortSignal): Promise<void> {
    await this.proxies.prepare(actions, this.limits.askMs, signal);
  }

  async restoreThread(pid: number, signal: AbortSignal): Promise<number | undefined> {
    return (await this.proxies.ask({ call: 'restoreThread', pid }, this.limits.askMs, signal)) ?? undefined;
  }

  async state(pid: number, signal: AbortSignal): Promise<CudaState> {
    return stateOf(await this.proxies.ask({ call: 'state', pid }, this.limits.askMs, signal), pid);
  }

  async lock(pid: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.proxies.act({ call: 'lock', pid, timeoutMs }, timeoutMs + this.limits.lockMs, signal);
  }

  async checkpoint(pid: number, signal: AbortSignal): Promise<void> {
    await this.proxies.act({ call: 'checkpoint', pid }, this.limits.moveMs, signal);
  }

  async restore(pid: number, pairs: readonly GpuPair[], signal: AbortSignal): Promise<void> {
    // A UUID that is none is said here, where the caller is.
    gpuPairs(pairs);
    await this.proxies.act({ call: 'restore', pid, pairs }, this.limits.moveMs, signal);
  }

  async unlock(pid: number, signal: AbortSignal): Promise<void> {
    await this.proxies.act({ call: 'unlock', pid }, this.limits.unlockMs, signal);
  }

  async close(): Promise<void> {
    await this.proxies.close();
  }
}
