// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';

/** How a program ended. */
export interface Ended {
  /** 127: it could not be started; 137: it was killed. */
  readonly code: number;
  readonly output: string;
}

/**
 * Runs a program with its output in a file and waits for the end of itself only: what it leaves behind (a process that CRIU
 * has restored) may hold the file open for as long as it likes. Killed when the signal is aborted.
 */
export async function runToFile(
  command: readonly string[],
  file: string,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const [program = '', ...args] = command;
  const output = await open(file, 'w');
  try {
    const code = await new Promise<number>((resolve) => {
      const child = spawn(program, args, {
        stdio: ['ignore', output.fd, output.fd],
        env,
        cwd: '/',
        signal,
        killSignal: 'SIGKILL',
      });
      child.once('error', (error) => (error.name === 'AbortError' ? undefined : resolve(127)));
      child.once('exit', (status) => resolve(status ?? 137));
    });
    signal.throwIfAborted();
    return { code, output: await readFile(file, 'utf8') };
  } finally {
    await output.close();
  }
}
