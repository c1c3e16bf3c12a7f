// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';

const LOCK_TIMEOUT_MS = 15_000;

/**
 * Runs `action` while no other process of this machine does so for the same path; the folder must exist, no file is made.
 * The lock is a name in Linux's abstract socket namespace: the kernel frees it with its process, so none is ever stale.
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const { dev, ino } = await stat(dirname(path));
  const name = `\0grit-${dev}-${ino}-${basename(path)}`;
  const end = Date.now() + LOCK_TIMEOUT_MS;
  let lock = await tryListen(name);
  while (!lock) {
    if (Date.now() > end) throw new GritError('GRIT_TIMEOUT', `${path} stays locked by another process`);
    await delay(20);
    lock = await tryListen(name);
  }
  try {
    return await action();
  } finally {
    lock.close();
  }
}

/** Undefined when the name is taken. */
async function tryListen(name: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return await new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server));
  });
}
