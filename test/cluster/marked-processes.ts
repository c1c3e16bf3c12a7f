// SPDX-License-Identifier: Apache-2.0
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MARK } from './cluster-process.js';
import { identifyProcess } from './process-identity.js';

/** Numbers of the processes that were started by the cluster in this directory, or by one of them. */
export function findMarked(directory: string): number[] {
  const mark = `\0${MARK}=${directory}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && readEnvironment(pid).includes(mark));
}

// Empty for a process that is gone, or belongs to somebody else.
function readEnvironment(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
  } catch {
    return '';
  }
}

/** Kills whatever `find` finds until it finds nothing: what is killed may have just started another. */
export async function killAll(find: () => readonly number[]): Promise<void> {
  for (let found = find(); found.length > 0; found = find()) {
    const identities = found.flatMap((pid) => identifyProcess(pid) ?? []);
    for (const { pid } of identities) killOne(pid);
    if (identities.length === 0) return; // only such as have ended and wait for their parent
    await delay(20);
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
