// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';

/** Runs a program in the foreground; resolves with its exit code. */
export function runWithTerminal(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 128));
  });
}
