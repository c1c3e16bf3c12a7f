// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { ClusterError } from './cluster-error.js';

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly directory?: string;
  readonly signal?: AbortSignal;
  /** The abort kills it, and is answered when it and all who write to its output are gone; default: it is asked to end. */
  readonly abortKills?: boolean;
}

export interface ProgramResult {
  /** 128 where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. Throws ClusterError where it cannot be started. */
export function runForResult(program: string, args: readonly string[], options: RunOptions = {}) {
  return new Promise<ProgramResult>((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      env: options.env ?? process.env,
      ...(options.directory !== undefined && { cwd: options.directory }),
      ...(options.signal !== undefined && { signal: options.signal }),
      ...(options.abortKills === true && { killSignal: 'SIGKILL' as const }),
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text: string) => (output[name] += text));
    }
    child.once('error', (cause) => {
      if (options.signal?.aborted !== true) reject(new ClusterError(`${program} cannot be started`, { cause }));
      else if (options.abortKills === true && child.pid !== undefined) child.once('close', () => reject(cause));
      else reject(cause);
    });
    child.once('close', (code) => {
      if (options.abortKills !== true || options.signal?.aborted !== true) resolve({ code: code ?? 128, ...output });
    });
    // A program that ends before it has read everything has said why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** As `runForResult`, but anything other than 0 is a ClusterError with what the program wrote to stderr. Resolves with stdout. */
export async function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runForResult(program, args, options);
  if (code === 0) return stdout;
  throw new ClusterError(`${[program, ...args].join(' ')}: exit code ${code}: ${(stderr || stdout).trim()}`);
}
