// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { GritError, isGritError } from '@grit/plugin-api';
import { within } from './within.js';

/** How cuda-checkpoint ended. */
export interface Ending {
  /** 0 when it succeeded; 128 + n would say too little, so the signal is in the output. */
  readonly code: number;
  readonly output: string;
}

const MAX_OUTPUT = 64 * 1024;

/**
 * Runs cuda-checkpoint. Errors: GRIT_DEVICE_UNAVAILABLE (cannot be started), GRIT_TIMEOUT (it was killed with all that it has started).
 * @param limitMs - how long it may take
 */
export async function runCudaCheckpoint(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<Ending> {
  const child = spawn(program, args, {
    env: { ...env, LD_PRELOAD: undefined },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
  });
  let output = '';
  const add = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-MAX_OUTPUT);
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        new GritError('GRIT_DEVICE_UNAVAILABLE', `${program} cannot be started: ${error.message}`, {
          hint: '`cudaCheckpoint` in the options of the runtime names the program; without it libcuda is used.',
          cause: error,
        }),
      ),
    );
    child.once('close', (code, signal) => {
      if (signal !== null) output += `ended by ${signal}`;
      resolve(code ?? 1);
    });
  });
  try {
    return { code: await within(ended, limitMs, `${program} ${args.join(' ')} does not end`), output };
  } catch (error) {
    if (isGritError(error) && error.code === 'GRIT_TIMEOUT' && child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
      // What hangs in the kernel may not end; nobody waits for that.
      await within(ended, 2_000, '').catch(() => undefined);
    }
    throw error;
  }
}
