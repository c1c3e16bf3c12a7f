// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { LOCK_TIMEOUT_MS, type CallTimes } from './device-steps.js';
import { timed } from './figures.js';
import { runToFile } from './process/run-to-file.js';

const PROGRAM = 'cuda-checkpoint';

/** NVIDIA's command for the same four calls: the yardstick. */
export class CudaCheckpoint {
  constructor(
    private readonly directory: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Its first line about itself; undefined where it is not in the PATH. */
  async version(signal: AbortSignal): Promise<string | undefined> {
    const { code, output } = await this.#run(['--help'], signal);
    return code === 127 ? undefined : (/version\s*[\d.]+/i.exec(output)?.[0] ?? output.trim().split('\n')[0]);
  }

  /** All four, one after the other; each is a process of its own. @throws Error with what it said */
  async cycle(pid: number, signal: AbortSignal): Promise<CallTimes> {
    const act = async (action: string, ...rest: string[]): Promise<number> =>
      await timed(async () => {
        const { code, output } = await this.#run(['--action', action, '--pid', String(pid), ...rest], signal);
        if (code !== 0) throw new Error(`${PROGRAM} --action ${action} ended with ${code}: ${output.trim()}`);
      });
    return {
      lock: await act('lock', '--timeout', String(LOCK_TIMEOUT_MS)),
      checkpoint: await act('checkpoint'),
      restore: await act('restore'),
      unlock: await act('unlock'),
    };
  }

  async #run(args: readonly string[], signal: AbortSignal): Promise<{ code: number; output: string }> {
    return await runToFile([PROGRAM, ...args], join(this.directory, `${PROGRAM}.out`), signal, this.environment);
  }
}
