// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { shell } from './timed-run.js';

const SOURCE = join(import.meta.dirname, 'drop-server.c');

/** Compiles the page server that drops everything; returns the program. */
export async function compileDropServer(directory: string): Promise<string> {
  const program = join(directory, 'drop-server');
  await shell(`cc -O2 -o ${program} ${SOURCE}`);
  return program;
}

/** Runs it for one dump, which is given its port. Seconds of the dump. */
export async function withDropServer(program: string, dump: (port: string) => Promise<void>): Promise<number> {
  const server = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'close');
  try {
    const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
    const started = performance.now();
    await dump(port);
    return (performance.now() - started) / 1000;
  } finally {
    server.kill();
    await ended;
  }
}
