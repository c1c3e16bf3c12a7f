// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import koffi from 'koffi';
import { checkpointArgs, gpuPairs, lockArgs, pairsFor, restoreArgs, unlockArgs } from './arg-structs.js';
import type { GpuPair } from './checkpoint-api.js';
import { CudaError } from './cuda-error.js';
import { INVALID_VALUE, meaningOf, NOT_INITIALIZED } from './cuda-results.js';
import type { DriverLibrary } from './driver-library.js';

const C = {
  cuInit: 'int cuInit(uint32_t flags)',
  cuDriverGetVersion: 'int cuDriverGetVersion(void *version)',
  cuCheckpointProcessGetRestoreThreadId: 'int cuCheckpointProcessGetRestoreThreadId(int pid, void *tid)',
  cuCheckpointProcessGetState: 'int cuCheckpointProcessGetState(int pid, void *state)',
  cuCheckpointProcessLock: 'int cuCheckpointProcessLock(int pid, void *args)',
  cuCheckpointProcessCheckpoint: 'int cuCheckpointProcessCheckpoint(int pid, void *args)',
  cuCheckpointProcessRestore: 'int cuCheckpointProcessRestore(int pid, void *args)',
  cuCheckpointProcessUnlock: 'int cuCheckpointProcessUnlock(int pid, void *args)',
} as const;

/** The checkpoint calls of libcuda, made in this process. It has no context, so it takes no memory of a GPU. Errors: CudaError, GRIT_DEVICE_UNAVAILABLE. */
export class Libcuda {
  #begun: Promise<number> | undefined;
  #hasBegun = false;

  constructor(private readonly library: DriverLibrary) {
    if (library.has(C.cuCheckpointProcessLock)) return;
    throw new GritError('GRIT_DEVICE_UNAVAILABLE', `${library.path} is of a driver without checkpoint calls`, {
      hint: 'Checkpoints of GPUs need driver 570 or later.',
    });
  }

  /** Does what a later call would have to do first. One that fails is said to the log: the later call has the better words. */
  async begin(): Promise<void> {
    await this.#begin();
  }

  /** 13000 is CUDA 13.0. */
  async apiVersion(): Promise<number> {
    const version = Buffer.alloc(4);
    const result = await this.library.call(C.cuDriverGetVersion, version);
    if (result !== 0) {
      const { name, hint } = meaningOf(result ?? NOT_INITIALIZED);
      throw new GritError('GRIT_DEVICE_UNAVAILABLE', `cuDriverGetVersion: ${name}`, { hint });
    }
    return version.readInt32LE();
  }

  /** Null: not a CUDA process. The driver says so with either of two results, depending on its version. */
  async restoreThread(pid: number): Promise<number | null> {
    const tid = Buffer.alloc(4);
    const result = await this.#try('cuCheckpointProcessGetRestoreThreadId', pid, tid);
    if (result === 0) return tid.readInt32LE();
    const initialised = (await this.#begun) === 0;
    if (result === INVALID_VALUE || (result === NOT_INITIALIZED && initialised)) return null;
    throw new CudaError(result, 'cuCheckpointProcessGetRestoreThreadId', pid);
  }

  /** A CUprocessState. */
  async state(pid: number): Promise<number> {
    const state = Buffer.alloc(4);
    await this.#call('cuCheckpointProcessGetState', pid, state);
    return state.readInt32LE();
  }

  async lock(pid: number, timeoutMs: number): Promise<void> {
    await this.#call('cuCheckpointProcessLock', pid, lockArgs(timeoutMs));
  }

  async checkpoint(pid: number): Promise<void> {
    await this.#call('cuCheckpointProcessCheckpoint', pid, checkpointArgs());
  }

  async restore(pid: number, wanted: readonly GpuPair[]): Promise<void> {
    const pairs = wanted.length === 0 ? [] : pairsFor(await this.apiVersion(), wanted);
    // Needed where persistence mode is off, and for other GPUs; if it fails here, the restore has the better words for why.
    await this.#begin();
    const bytes = gpuPairs(pairs);
    const args = restoreArgs(pairs.length === 0 ? 0n : koffi.address(bytes), pairs.length);
    await this.#call('cuCheckpointProcessRestore', pid, args);
    // The struct has only the address of the pairs; this keeps them.
    bytes.fill(0);
  }

  async unlock(pid: number): Promise<void> {
    await this.#call('cuCheckpointProcessUnlock', pid, unlockArgs());
  }

  async #call(name: keyof typeof C, pid: number, out: Buffer): Promise<void> {
    const result = await this.#try(name, pid, out);
    if (result !== 0) throw new CudaError(result, name, pid);
  }

  /** cuInit takes seconds on some machines, so it is done only when a call wants it; once. */
  async #try(name: keyof typeof C, pid: number, out: Buffer): Promise<number> {
    const call = async (): Promise<number> => {
      const result = await this.library.call(C[name], pid, out);
      if (result !== undefined) return result;
      throw new GritError('GRIT_DEVICE_UNAVAILABLE', `${this.library.path} has no ${name}`);
    };
    // Of several that are called at once, each may be too early.
    const hadBegun = this.#hasBegun;
    const result = await call();
    if (result !== NOT_INITIALIZED || hadBegun || (await this.#begin()) !== 0) return result;
    return call();
  }

  /** The result of cuInit; one that failed is tried again by the next that asks. */
  async #begin(): Promise<number> {
    this.#begun ??= this.library.call(C.cuInit, 0).then((result = NOT_INITIALIZED) => result);
    const result = await this.#begun;
    if (result === 0) {
      this.#hasBegun = true;
    } else {
      this.#begun = undefined;
      console.error(`cuInit: ${result}`);
    }
    return result;
  }
}
