// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import type { GritError } from '@grit/plugin-api';
import { throwIfAborted } from './wait-until.js';

/** How a program ended. */
export interface ProgramResult {
  /** 128 + n for signal n, 127 when it is not there. */
  readonly code: number;
  /** stdout and stderr together. */
  readonly output: string;
}

/** What a program is started with. */
export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Takes the output where the program may outlive us: a pipe would break with our end. */
  readonly outputFile?: string | undefined;
  /** Called with its pid as soon as it runs. */
  readonly onStart?: ((pid: number) => void) | undefined;
}

/**
 * Runs a program in a process group of its own. On an abort the whole group is killed, and the call ends when it has;
 * then it throws GRIT_ABORTED.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  throwIfAborted(options.signal);
  const file = options.outputFile === undefined ? undefined : await open(options.outputFile, 'a', 0o600);
  try {
    const target = file?.fd ?? 'pipe';
    const child = spawn(command, args, {
      env: options.env,
      detached: true,
      stdio: ['ignore', target, target],
      cwd: '/',
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    options.signal.addEventListener('abort', kill, { once: true });
    const code = await new Promise<number>((resolve) => {
      child.once('error', () => resolve(127));
      child.once('close', (status, signal) => resolve(status ?? 128 + (signal === 'SIGKILL' ? 9 : 15)));
    });
    options.signal.removeEventListener('abort', kill);
    throwIfAborted(options.signal);
    const output =
      options.outputFile === undefined ? Buffer.concat(chunks).toString() : await readFile(options.outputFile, 'utf8');
    return { code, output };
  } finally {
    await file?.close();
  }
}

/** Runs a program that must succeed; its own words are in the error. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
  toError: (message: string) => GritError,
): Promise<string> {
  const { code, output } = await runProgram(command, args, options);
  if (code === 0) return output;
  throw toError(`${command} ended with ${code}: ${output.trim().slice(-1_500) || 'no output'}`);
}
