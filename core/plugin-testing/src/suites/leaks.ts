// SPDX-License-Identifier: Apache-2.0
import { readFile, readdir, readlink } from 'node:fs/promises';

/** What of this process a careless driver would leave behind. */
export interface Footprint {
  readonly files: readonly string[];
  readonly children: readonly string[];
  readonly mounts: readonly string[];
}

/** Open files, child processes and mounts at this moment. Linux only. */
export async function footprint(): Promise<Footprint> {
  const descriptors = await readdir('/proc/self/fd');
  const files = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  const tasks = await readdir('/proc/self/task');
  const children = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/children`, 'utf8').catch(() => '')),
  );
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return {
    // Sockets, pipes and event descriptors belong to the test runner; a driver that forgets one leaves a child behind, too.
    files: files.filter((file) => file.startsWith('/') && !file.startsWith('/proc/')).sort(),
    children: children.flatMap((list) => list.split(' ').filter((pid) => pid.trim() !== '')).sort(),
    mounts: mounts
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .sort(),
  };
}

/** What is there now and was not before. */
export function grown(before: Footprint, after: Footprint): string[] {
  return (['files', 'children', 'mounts'] as const).flatMap((kind) =>
    minus(after[kind], before[kind]).map((entry) => `${kind}: ${entry}`),
  );
}

function minus(all: readonly string[], known: readonly string[]): string[] {
  const left = [...known];
  return all.filter((entry) => {
    const at = left.indexOf(entry);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
