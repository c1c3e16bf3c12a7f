// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Runs a program in the foreground and resolves with its exit code (128 + n when a signal ended it). */
export function runForExitCode(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    // Ctrl-C reaches the whole group by itself; a polite kill of only this process must not orphan the child.
    const passOn = (signal) => child.kill(signal);
    process.on('SIGTERM', passOn);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGTERM', passOn);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** As `runForExitCode`, but anything other than 0 is an error. */
export async function run(program, args, options = {}) {
  const code = await runForExitCode(program, args, options);
  if (code !== 0) throw new CommandError(`${[program, ...args].join(' ')}: exit code ${code}`, code);
}

/** Runs a program quietly; resolves with its exit code and everything that it wrote. */
export async function capture(program, args, options = {}) {
  let output = '';
  const code = await new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, output };
}

export class CommandError extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}
