// SPDX-License-Identifier: Apache-2.0
import type { CheckpointApi, CudaState, GpuPair } from './checkpoint-api.js';

/**
 * Chooses between ways to the driver at the first call; where none works, each call looks again: a driver may be installed at any time.
 * Looks at the pid of each call before the driver does.
 */
export class ChosenApi implements CheckpointApi {
  #chosen: CheckpointApi | undefined;

  constructor(
    private readonly choose: (signal: AbortSignal) => Promise<CheckpointApi>,
    private readonly checkPid: (pid: number) => Promise<void>,
    readonly close: () => Promise<void>,
  ) {}

  async prepare(actions: number, signal: AbortSignal): Promise<void> {
    const api = await this.#api(signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
    });
    await api?.prepare(actions, signal);
  }

  async restoreThread(pid: number, signal: AbortSignal): Promise<number | undefined> {
    return (await this.#apiFor(pid, signal)).restoreThread(pid, signal);
  }

  async state(pid: number, signal: AbortSignal): Promise<CudaState> {
    return (await this.#apiFor(pid, signal)).state(pid, signal);
  }

  async lock(pid: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await (await this.#apiFor(pid, signal)).lock(pid, timeoutMs, signal);
  }

  async checkpoint(pid: number, signal: AbortSignal): Promise<void> {
    await (await this.#apiFor(pid, signal)).checkpoint(pid, signal);
  }

  async restore(pid: number, pairs: readonly GpuPair[], signal: AbortSignal): Promise<void> {
    await (await this.#apiFor(pid, signal)).restore(pid, pairs, signal);
  }

  async unlock(pid: number, signal: AbortSignal): Promise<void> {
    await (await this.#apiFor(pid, signal)).unlock(pid, signal);
  }

  async #apiFor(pid: number, signal: AbortSignal): Promise<CheckpointApi> {
    await this.checkPid(pid);
    return this.#api(signal);
  }

  async #api(signal: AbortSignal): Promise<CheckpointApi> {
    if (this.#chosen !== undefined) return this.#chosen;
    const found = await this.choose(signal);
    // Calls that looked at the same time must not have two: what one has abandoned, the other has to know of.
    return (this.#chosen ??= found);
  }
}
