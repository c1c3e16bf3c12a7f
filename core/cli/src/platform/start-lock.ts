// SPDX-License-Identifier: Apache-2.0
import { DatabaseSync } from 'node:sqlite';

/** Held while a server is being started, so that two commands start one server. */
export interface StartLock {
  release(): void;
}

/**
 * Takes the lock, or returns undefined when another process has it. It is a lock of the kernel (through SQLite, because Node
 * has no call for it), so it ends with its process, however that ends.
 */
export function tryStartLock(path: string): StartLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (/locked|busy/i.test((error as Error).message)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}
