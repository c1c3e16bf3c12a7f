// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Everything on this machine that names the cluster: none of it is to be there after its end. */
export function findTraces(name: string, directory: string): string[] {
  return [
    ...(existsSync(directory) ? [directory] : []),
    ...findProcesses(directory),
    ...findMounts(name),
    ...listFolder('/run/netns').filter((netns) => netns.includes(name)),
    ...findCgroups(name),
  ];
}

/** Interfaces of the host that the cluster network of this number has, each with the index that no other ever gets. */
export function findInterfaces(number: string): string[] {
  return listFolder('/sys/class/net')
    .filter((link) => new RegExp(`^grit-(br|v)-${number}(-|$)`).test(link))
    .map((link) => `${link} ${read(`/sys/class/net/${link}/ifindex`).trim()}`);
}

function findProcesses(directory: string): string[] {
  return listFolder('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`)
    .filter((line) => line.includes(directory));
}

function findMounts(name: string): string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(name));
}

function findCgroups(name: string): string[] {
  return listFolder('/sys/fs/cgroup').flatMap((hierarchy) =>
    listFolder(join('/sys/fs/cgroup', hierarchy)).filter((cgroup) => cgroup.includes(name)),
  );
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

// A process may end while one looks at it.
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
