// SPDX-License-Identifier: Apache-2.0
import { readFile, readdir, readlink } from 'node:fs/promises';

/** Whether a process is there and not a zombie: nobody may be there to collect one that CRIU has restored. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2).charAt(0));
  } catch {
    return false;
  }
}

/** Open files and mappings of a process whose paths begin so: what CRIU could not dump. */
export async function filesBelow(pid: number, prefix: string): Promise<string[]> {
  const found = new Set<string>();
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    // One that was closed in between is no file of it.
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    if (target.startsWith(prefix)) found.add(`fd ${fd} ${target}`);
  }
  for (const line of (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n')) {
    const path = line.slice(line.indexOf('/'));
    if (line.includes('/') && path.startsWith(prefix)) found.add(`mapping ${path}`);
  }
  return [...found];
}
