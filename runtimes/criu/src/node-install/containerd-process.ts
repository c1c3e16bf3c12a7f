// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, readlink } from 'node:fs/promises';

/** The containerd of a node, as it runs. */
export interface ContainerdProcess {
  readonly pid: number;
  /** Its configuration file, which need not be there. */
  readonly config: string;
  /** Where it looks for runc. */
  readonly path: string;
  /** The systemd unit that it belongs to. */
  readonly unit?: string | undefined;
}

const CONFIG = '/etc/containerd/config.toml';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** SO_ACCEPTCON: the socket that was bound, not the connections to it. */
const LISTENS = '00010000';

/** Who listens on the socket; undefined when nobody does. `near` is a process in the node's network, whose sockets are looked at. */
export async function findContainerd(socket: string, near: number): Promise<ContainerdProcess | undefined> {
  const table = await readFile(`/proc/${near}/net/unix`, 'utf8');
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const inodes = rows.filter((row) => row[3] === LISTENS && row[7] === socket).map((row) => `socket:[${row[6]}]`);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      if (inodes.includes(target)) return describe(Number(pid));
    }
  }
  return undefined;
}

async function describe(pid: number): Promise<ContainerdProcess> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const [words, environment, cgroups] = await Promise.all([read('cmdline'), read('environ'), read('cgroup')]);
  const path = environment.split('\0').find((entry) => entry.startsWith('PATH='));
  return {
    pid,
    config: configOf(words.split('\0')) ?? CONFIG,
    path: path?.slice('PATH='.length) ?? PATH,
    unit: /\/([^/\n]+\.service)$/m.exec(cgroups)?.[1],
  };
}

function configOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => /^--?c(onfig)?(=|$)/.test(word));
  const word = words[at];
  return word === undefined ? undefined : word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[at + 1];
}
