// SPDX-License-Identifier: Apache-2.0
import type { CheckpointApi, CudaState, GpuPair } from '../../src/cuda/checkpoint-api.js';

/** Names of the calls, as the simulated GPU has them. */
export type CheckpointCall = 'restoreThread' | 'state' | 'lock' | 'checkpoint' | 'restore' | 'unlock';

interface Place {
  readonly call: CheckpointCall;
  readonly pid: number;
  /** Calls before it. */
  readonly skip: number;
  /** With the short limit. */
  readonly short: CheckpointApi;
}

/**
 * Gives a single call, the one that is going to hang, a short limit, and all others one that no slow machine comes near. Both ways lead to the same
 * proxies.
 */
export class OneShortCall implements CheckpointApi {
  #place: Place | undefined;
  #seen = 0;

  /** @param afterShort - before the answer to the short call is told on */
  constructor(
    private readonly patient: CheckpointApi,
    private readonly afterShort: () => Promise<void>,
  ) {}

  /** Undefined: none. */
  expect(place: Place | undefined): void {
    this.#place = place;
    this.#seen = 0;
  }

  async prepare(actions: number, signal: AbortSignal): Promise<void> {
    await this.patient.prepare(actions, signal);
  }

  async restoreThread(pid: number, signal: AbortSignal): Promise<number | undefined> {
    return this.#make('restoreThread', pid, async (api) => api.restoreThread(pid, signal));
  }

  async state(pid: number, signal: AbortSignal): Promise<CudaState> {
    return this.#make('state', pid, async (api) => api.state(pid, signal));
  }

  async lock(pid: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#make('lock', pid, async (api) => api.lock(pid, api !== this.patient ? 1 : timeoutMs, signal));
  }

  async checkpoint(pid: number, signal: AbortSignal): Promise<void> {
    await this.#make('checkpoint', pid, async (api) => api.checkpoint(pid, signal));
  }

  async restore(pid: number, pairs: readonly GpuPair[], signal: AbortSignal): Promise<void> {
    await this.#make('restore', pid, async (api) => api.restore(pid, pairs, signal));
  }

  async unlock(pid: number, signal: AbortSignal): Promise<void> {
    await this.#make('unlock', pid, async (api) => api.unlock(pid, signal));
  }

  async close(): Promise<void> {
    await this.patient.close();
  }

  async #make<T>(call: CheckpointCall, pid: number, make: (api: CheckpointApi) => Promise<T>): Promise<T> {
    const place = this.#place;
    const isShort = place?.call === call && place.pid === pid && this.#seen++ === place.skip;
    return isShort ? make(place.short).finally(this.afterShort) : make(this.patient);
  }
}
