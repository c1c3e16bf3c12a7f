// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Does something that only one process may do at a time. The lock is a name in the kernel, and ends with its holder.
 * The signal ends the wait, not the work.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const lock = createServer();
    try {
      lock.listen(`\0${name}`);
      await once(lock, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await delay(50, undefined, signal === undefined ? {} : { signal });
      continue;
    }
    try {
      return await work();
    } finally {
      lock.close();
    }
  }
}
