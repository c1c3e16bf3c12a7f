// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GritError, isSerializedGritError, type SerializedGritError } from '@grit/plugin-api';
import { probeSocket } from './probe-socket.js';
import { readLogTail } from './read-log-tail.js';
import { tryStartLock } from './start-lock.js';
import { SERVER_FLAGS } from './service-flags.js';
import { serverLogPath, socketPath } from './state-directory.js';

const READY_WITHIN_MS = 15_000;
const PROBE_EVERY_MS = 5;
const ENTRY = fileURLToPath(new URL('../../bin/grit.js', import.meta.url));

/** Where the server is, and what it is started with. */
export interface ServerPlace {
  readonly stateDirectory: string;
  readonly configPaths: readonly string[];
}

/**
 * Returns when a server answers on the socket: the one that is there, one that another command is starting, or one that is
 * started now. The server outlives this process. Its own error is thrown when it cannot start.
 */
export async function ensureServer(place: ServerPlace): Promise<void> {
  const socket = socketPath(place.stateDirectory);
  const deadline = Date.now() + READY_WITHIN_MS;
  if (await probeSocket(socket)) return;
  makeDirectories(place.stateDirectory);
  while (Date.now() < deadline) {
    const lock = tryStartLock(join(place.stateDirectory, 'run/start.lock'));
    try {
      if (await probeSocket(socket)) return;
      if (lock !== undefined) {
        await startAndWait(place, socket, deadline);
        return;
      }
    } finally {
      lock?.release();
    }
    await delay(PROBE_EVERY_MS);
  }
  throw new GritError('GRIT_SERVER_UNAVAILABLE', `another command has been starting the server for too long`, {
    hint: `See ${serverLogPath(place.stateDirectory)}, or run \`grit server\` to watch it start.`,
  });
}

function makeDirectories(stateDirectory: string): void {
  try {
    for (const name of ['run', 'logs']) mkdirSync(join(stateDirectory, name), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new GritError('GRIT_USAGE', `the state directory ${stateDirectory} cannot be made`, {
      cause: error,
      hint: 'Choose another one with --state-dir or $GRIT_STATE_DIR.',
    });
  }
}

async function startAndWait(place: ServerPlace, socket: string, deadline: number): Promise<void> {
  const logPath = serverLogPath(place.stateDirectory);
  const log = openSync(logPath, 'a', 0o600);
  const logStart = fstatSync(log).size;
  const server = spawnServer(place, log);
  closeSync(log);
  const end = watchForEnd(server);
  try {
    while (Date.now() < deadline) {
      if (await probeSocket(socket)) return;
      if (end.exit !== undefined) throw explainEnd(end, logPath, logStart);
      await delay(PROBE_EVERY_MS);
    }
    throw new GritError('GRIT_SERVER_UNAVAILABLE', `the server did not answer within ${READY_WITHIN_MS / 1_000} s`, {
      cause: new Error(readLogTail(logPath, logStart)),
      hint: `See ${logPath}, or run \`grit server\` to watch it start.`,
    });
  } finally {
    if (server.connected) server.disconnect();
    server.removeAllListeners();
    server.unref();
  }
}

/** A session of its own: neither Ctrl-C nor the end of the terminal reaches it. */
function spawnServer({ stateDirectory, configPaths }: ServerPlace, log: number): ChildProcess {
  const args = [...SERVER_FLAGS, ENTRY, 'server', '--state-dir', stateDirectory];
  return spawn(process.execPath, [...args, ...configPaths.flatMap((path) => ['--config', path])], {
    detached: true,
    // Not where a grit.yaml may lie that nobody meant; the one of the command was named above.
    cwd: '/',
    stdio: ['ignore', log, log, 'ipc'],
  });
}

interface ServerEnd {
  exit?: string;
  error?: SerializedGritError;
}

function watchForEnd(server: ChildProcess): ServerEnd {
  const end: ServerEnd = {};
  server.on('message', (message) => {
    if (isSerializedGritError(message)) end.error = message;
  });
  server.on('error', (error) => (end.exit = error.message));
  server.on('close', (code, signal) => (end.exit = signal === null ? `exit ${String(code)}` : signal));
  return end;
}

function explainEnd(end: ServerEnd, logPath: string, logStart: number): GritError {
  if (end.error !== undefined) return GritError.fromJSON(end.error);
  return new GritError('GRIT_SERVER_UNAVAILABLE', `the server ended while it started (${end.exit ?? 'unknown'})`, {
    cause: new Error(readLogTail(logPath, logStart)),
    hint: `See ${logPath}, or run \`grit server\` to watch it start.`,
  });
}
