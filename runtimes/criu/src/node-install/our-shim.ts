// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { GritError } from '@grit/plugin-api';

/** The shim of containerd above this process: it lives on the node, in its mounts and its network. */
export interface OurShim {
  readonly pid: number;
  /** Where the containerd listens that started it, as the node sees the path. */
  readonly containerdSocket: string;
}

/** Finds the shim that runs this container. Throws GRIT_UNSUPPORTED when this is no container of containerd, or it does not see the node's processes. */
export async function findOurShim(pid = process.pid): Promise<OurShim> {
  for (let at = await parentOf(pid); at > 0; at = await parentOf(at)) {
    const [program = '', ...words] = await wordsOf(at);
    const socket = words[words.indexOf('-address') + 1];
    if (basename(program).startsWith('containerd-shim') && socket?.startsWith('/') === true) {
      return { pid: at, containerdSocket: socket };
    }
  }
  throw new GritError('GRIT_UNSUPPORTED', 'no shim of containerd is above this process', {
    hint: 'Run it in a pod with hostPID: true on a node whose container runtime is containerd.',
  });
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
}

async function wordsOf(pid: number): Promise<readonly string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
}
