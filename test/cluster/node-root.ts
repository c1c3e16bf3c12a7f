// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './cluster-process.js';
import { runProgram } from './run-program.js';

/** Where kubelet, containerd and CNI write, whatever they are told. A kubelet of the machine would find its own files gone. */
const FIXED_PLACES = '/run/containerd /var/lib/cni /var/lib/kubelet /var/log/containers';
/** Where an installed GRIT has its things. */
const GRIT_PLACES = '/opt/grit /run/grit /var/lib/grit';
const READY = 'root-is-ready';

// What is mounted below the node's directory is seen inside and outside, everything else that is mounted inside is not.
const SCRIPT = `set -e
directory=$1
while read -r _ _ _ _ path _; do
  case $path in
    "$directory" | "$directory"/*) ;;
    *) mount --make-slave "$path" || true ;;
  esac
done < /proc/self/mountinfo
for place in ${FIXED_PLACES} ${GRIT_PLACES}; do
  mkdir -p "$place" "$directory/root$place"
  mount --bind "$directory/root$place" "$place"
done
touch "$directory/${READY}"
exec "$2"`;

/** Makes the node's directory a mount of its own that passes on what is mounted below it. */
export async function makeNodeDirectory(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await runProgram('mount', ['--bind', directory, directory]);
  await runProgram('mount', ['--make-private', directory]);
  await runProgram('mount', ['--make-shared', directory]);
}

/** The process that holds the mounts of a node: the others of it run in its mount namespace. */
export function describeNodeRoot(name: string, directory: string, pause: string): Program {
  const script = ['sh', '-c', SCRIPT, 'sh', directory, join(pause, 'pause')];
  return { name: `root-${name}`, command: ['unshare', '--mount', '--propagation', 'unchanged', ...script] };
}

/** A file that is there as soon as the mounts are. */
export function findReadyFile(directory: string): string {
  return join(directory, READY);
}
