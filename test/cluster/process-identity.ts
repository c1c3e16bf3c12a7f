// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** Names one process for good: a number is given again, together with its start time it is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, as the kernel says it. */
  readonly startTime: string;
}

/** Undefined when there is no such process (any more). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name of the program, which may hold anything, brackets and blanks too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    return startTime === undefined || state === 'Z' || state === 'X' ? undefined : { pid, startTime };
  } catch {
    return undefined;
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startTime === identity.startTime;
}
