// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError } from '@grit/plugin-api';

/** A directory for one call, gone after it. */
export interface WorkDirectory extends AsyncDisposable {
  readonly path: string;
  /** Throws GRIT_NODE_STORAGE_FULL when so many bytes more have no room beside it. */
  requireRoom(bytes: number): Promise<void>;
}

/** Left free: other things write to that disk, too. */
const SPARE_BYTES = 64 * 1024 * 1024;

/**
 * Makes a directory for one call below the parent, readable by this user only; those of calls that were killed are removed first. Errors:
 * those of the file system.
 */
export async function openWorkDirectory(parent: string, name: string): Promise<WorkDirectory> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await removeDead(parent, name);
  const path = await mkdtemp(join(parent, `${name}-${process.pid}-`));
  return {
    path,
    requireRoom: async (bytes) => {
      const { bavail, bsize } = await statfs(path);
      if (bavail * bsize >= bytes + SPARE_BYTES) return;
      throw new GritError('GRIT_NODE_STORAGE_FULL', `${parent} has ${bavail * bsize} bytes free, not ${bytes}`, {
        hint: 'Make room there, or name another place with --state-dir.',
        details: { path: parent, needed: bytes, free: bavail * bsize },
      });
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The process id in its name says whether the call still lives; a number that somebody else has now only delays it. */
async function removeDead(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const pid = new RegExp(`^${name}-(\\d+)-`).exec(entry)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(parent, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
