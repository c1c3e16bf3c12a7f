// SPDX-License-Identifier: Apache-2.0
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { intercept, type FaultTarget } from './intercept.js';

const POLL_MS = 5;

/**
 * Puts barriers around a driver, launcher or storage: before and after each call it looks for a file `DIRECTORY/POINT`
 * (`checkpoint.before`, `put.after`, …). While the file is there the call waits, and `POINT.reached` has the pid of the process
 * that does. So a test stops a real process at an exact point from outside; see {@link Barriers} for its side.
 * `put` and `read` also stand for their fast paths `putFile` and `localPath`. An abort ends the waiting.
 */
export function withBarriers<T extends FaultTarget>(target: T, directory: string | readonly string[]): T {
  const directories = [directory].flat();
  return intercept(target, {
    before: (call) => passBarriers(directories, `${call.method}.before`, call.signal),
    after: (call) => passBarriers(directories, `${call.method}.after`, call.signal),
  });
}

/** Waits while a barrier stands at the point in one of the directories. */
export async function passBarriers(directories: readonly string[], point: string, signal: AbortSignal): Promise<void> {
  for (const directory of directories) {
    const barrier = join(directory, point);
    if (!(await exists(barrier))) continue;
    const reached = `${barrier}.reached`;
    await writeFile(reached, String(process.pid));
    try {
      while (await exists(barrier)) await delay(POLL_MS, undefined, { signal });
    } finally {
      await rm(reached, { force: true });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
