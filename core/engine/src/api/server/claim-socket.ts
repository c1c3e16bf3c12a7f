// SPDX-License-Identifier: Apache-2.0
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { GritError } from '@grit/plugin-api';

/** What sun_path holds, less its NUL. */
const MOST_BYTES = 107;

/**
 * Makes the path ready to listen on: the directory is the owner's only, and a socket that a dead server left is removed.
 * A living server's socket, and everything that is no socket, stays.
 */
export async function claimSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > MOST_BYTES) {
    throw new GritError('GRIT_CONFIG_INVALID', `${path}: a socket's path has at most ${MOST_BYTES} bytes`, {
      hint: 'Give a shorter --state-dir.',
    });
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new GritError('GRIT_CONFIG_INVALID', `${path} exists and is no socket`);
  if (await isAlive(path)) throw alreadyServed(path);
  await unlink(path);
}

export function alreadyServed(path: string, cause?: unknown): GritError {
  return new GritError('GRIT_SERVER_RUNNING', `a server listens on ${path}`, { cause, details: { path } });
}

async function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Full backlogs and such are signs of life; only a refusal is none.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
