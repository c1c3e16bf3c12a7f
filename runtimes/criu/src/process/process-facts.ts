// SPDX-License-Identifier: Apache-2.0
import { readFile, readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { readTextIfThere } from '../files/sealed-json.js';

/** A process as /proc shows it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** One letter: R, S, D, T, t, Z, X. */
  readonly state: string;
  /** PF_… of the kernel. */
  readonly flags: number;
  /** Clock ticks since boot; with the pid it names a process for ever. */
  readonly startTime: string;
}

/** The facts, or undefined when there is no such process. */
export async function processFacts(pid: number): Promise<ProcessFacts | undefined> {
  const stat = await readTextIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name is in parentheses and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', parent] = fields;
  return { pid, state, parent: Number(parent), flags: Number(fields[6]), startTime: fields[19] ?? '' };
}

/** True while the process runs, is stopped or frozen; false for a zombie. */
export async function isAlive(pid: number, startTime?: string): Promise<boolean> {
  const facts = await processFacts(pid);
  if (facts === undefined || facts.state === 'Z' || facts.state === 'X') return false;
  return startTime === undefined || facts.startTime === startTime;
}

/** Pids of the children, zombies too. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map(async (thread) => readTextIfThere(`/proc/${pid}/task/${thread}/children`)),
  );
  return lists.flatMap((list) =>
    (list ?? '')
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  );
}

/** The name that supervisors go by in their argument list. */
export const SUPERVISOR = 'grit-supervisor';

/**
 * Processes of ours (runc, criu, tar, supervisors) that work on a directory: an agent that was killed leaves them behind.
 * `criu swrk` has no path in its arguments, but its working directory is there.
 */
export async function toolsWorkingOn(directory: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await worksOn(pid, directory)) ? pid : undefined)));
  return found.filter((pid): pid is number => pid !== undefined && pid !== process.pid);
}

async function worksOn(pid: number, directory: string): Promise<boolean> {
  try {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    const names = words.slice(0, 4).map((word) => basename(word));
    // At work it calls itself `criu: dump …`.
    const criu = names.some((name) => name === 'criu' || name.startsWith('criu: '));
    const tool = criu || ['runc', 'tar', SUPERVISOR].some((name) => names.includes(name));
    if (!tool) return false;
    if (words.some((word) => isBelow(word.slice(word.indexOf('=') + 1), directory))) return true;
    return criu && isBelow(await readlink(`/proc/${pid}/cwd`), directory);
  } catch {
    return false;
  }
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** Sends a signal; a process that is gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
