// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { AbandonedActions } from './abandoned-actions.js';
import { gpuPairs, pairsFor } from './arg-structs.js';
import type { CallLimits } from './call-limits.js';
import type { CheckpointApi, CudaState, GpuPair } from './checkpoint-api.js';
import { CudaError } from './cuda-error.js';
import { INVALID_VALUE, resultIn, UNKNOWN } from './cuda-results.js';
import { stateOf } from './cuda-states.js';
import { runCudaCheckpoint, type Ending } from './run-cuda-checkpoint.js';
import { unlessAborted } from './within.js';

/** The part of the output that says that the driver does not work for the program itself. */
const NO_DRIVER = 'Error initializing CUDA';

/**
 * The checkpoint calls through the program cuda-checkpoint: one process for each call, which takes seconds on many machines, so only where libcuda
 * cannot be used. It answers with texts, of which those are understood that the driver has for its results.
 */
export class ProgramApi implements CheckpointApi {
  readonly #abandoned = new AbandonedActions();

  /** @param program - path or name of cuda-checkpoint */
  constructor(
    private readonly program: string,
    private readonly limits: CallLimits,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  async prepare(_actions: number, signal: AbortSignal): Promise<void> {
    // Each call is a process of its own, and begins anew.
    await unlessAborted(Promise.resolve(), signal);
  }

  async restoreThread(pid: number, signal: AbortSignal): Promise<number | undefined> {
    const ending = await this.#ask(pid, ['--get-restore-tid'], signal);
    if (ending.code !== 0 && resultOf(ending) === INVALID_VALUE) return undefined;
    const output = outputOf(ending, 'cuCheckpointProcessGetRestoreThreadId', pid);
    if (/^[1-9]\d*$/.test(output)) return Number(output);
    throw unexpected(this.program, pid, output);
  }

  async state(pid: number, signal: AbortSignal): Promise<CudaState> {
    const output = outputOf(await this.#ask(pid, ['--get-state'], signal), 'cuCheckpointProcessGetState', pid);
    if (/^[a-z]+$/.test(output)) return stateOf(output, pid);
    throw unexpected(this.program, pid, output);
  }

  async lock(pid: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const args = ['--action', 'lock', '--timeout', String(timeoutMs)];
    await this.#act('cuCheckpointProcessLock', pid, args, timeoutMs + this.limits.lockMs, signal);
  }

  async checkpoint(pid: number, signal: AbortSignal): Promise<void> {
    await this.#act('cuCheckpointProcessCheckpoint', pid, ['--action', 'checkpoint'], this.limits.moveMs, signal);
  }

  async restore(pid: number, wanted: readonly GpuPair[], signal: AbortSignal): Promise<void> {
    gpuPairs(wanted);
    // A program that is too old for a map says so itself.
    const pairs = pairsFor(Number.POSITIVE_INFINITY, wanted);
    const map = pairs.map(({ from, to }) => `${from}=${to}`).join(',');
    const args = ['--action', 'restore', ...(map === '' ? [] : ['--device-map', map])];
    await this.#act('cuCheckpointProcessRestore', pid, args, this.limits.moveMs, signal);
  }

  async unlock(pid: number, signal: AbortSignal): Promise<void> {
    await this.#act('cuCheckpointProcessUnlock', pid, ['--action', 'unlock'], this.limits.unlockMs, signal);
  }

  async close(): Promise<void> {
    // Each call ends its program itself.
  }

  async #ask(pid: number, args: readonly string[], signal: AbortSignal): Promise<Ending> {
    await this.#abandoned.settled(pid, signal);
    return unlessAborted(this.#run(pid, args, this.limits.askMs), signal);
  }

  async #act(call: string, pid: number, args: readonly string[], limitMs: number, signal: AbortSignal): Promise<void> {
    await this.#abandoned.run(pid, signal, async () => {
      outputOf(await this.#run(pid, args, limitMs), call, pid);
    });
  }

  async #run(pid: number, args: readonly string[], limitMs: number): Promise<Ending> {
    return runCudaCheckpoint(this.program, [...args, '--pid', String(pid)], this.env, limitMs);
  }
}

/** Errors: GRIT_DEVICE_UNAVAILABLE, CudaError. */
function outputOf(ending: Ending, call: string, pid: number): string {
  const output = ending.output.trim();
  if (ending.code === 0) return output;
  if (output.includes(NO_DRIVER)) {
    throw new GritError('GRIT_DEVICE_UNAVAILABLE', `cuda-checkpoint: ${output}`, {
      hint: '`nvidia-smi` on the node shows whether the driver works; the agent needs root.',
    });
  }
  throw new CudaError(resultOf(ending), call, pid, output === '' ? `cuda-checkpoint: ${ending.code}` : output);
}

function resultOf({ output }: Ending): number {
  return output.includes(NO_DRIVER) ? UNKNOWN : (resultIn(output) ?? UNKNOWN);
}

function unexpected(program: string, pid: number, output: string): GritError {
  return new GritError('GRIT_DEVICE_FAILED', `${program} said ${JSON.stringify(output.slice(0, 200))} of pid ${pid}`, {
    hint: 'That is not what cuda-checkpoint is documented to say: check that the program is NVIDIA’s.',
    details: { pid },
  });
}
