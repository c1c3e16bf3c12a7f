// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { ClusterError } from './cluster-error.js';
import { runForResult } from './run-program.js';

const ROUNDS = 5;

/** Unmounts everything below a folder; what is in use goes when it no longer is. Throws ClusterError when something stays. */
export async function unmountBelow(folder: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const mounts = listMounts(folder);
    if (mounts.length === 0) return;
    for (const path of mounts) await runForResult('umount', ['--lazy', path]);
  }
  // Whoever removed the folder now would remove what is mounted there.
  if (listMounts(folder).length > 0) throw new ClusterError(`cannot be unmounted: ${listMounts(folder).join(', ')}`);
}

// Those that lie in another first.
function listMounts(folder: string): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return lines
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}
