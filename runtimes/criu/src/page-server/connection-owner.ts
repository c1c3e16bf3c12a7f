// SPDX-License-Identifier: Apache-2.0
import { readFile, readdir, readlink } from 'node:fs/promises';
import { processFacts } from '../process/process-facts.js';
import { waitUntil } from '../process/wait-until.js';

/** The kernel's tables are no snapshots: a row can be missing from one reading on a busy machine. */
const LOOK_MS = 200;
const LOOK_EVERY_MS = 20;

/**
 * The process that has the other end of a connection between two ports of this machine's loopback, if it comes from `ancestor`.
 * @param remotePort - the other end's
 * @param ownPort - ours
 */
export async function connectionOwner(
  ancestor: number,
  remotePort: number,
  ownPort: number,
): Promise<number | undefined> {
  return waitUntil(async () => look(ancestor, remotePort, ownPort), { limitMs: LOOK_MS, intervalMs: LOOK_EVERY_MS });
}

async function look(ancestor: number, remotePort: number, ownPort: number): Promise<number | undefined> {
  const inode = await socketInode(remotePort, ownPort);
  if (inode === undefined) return undefined;
  for (const pid of await descendantsOf(ancestor)) {
    if (await hasSocket(pid, inode)) return pid;
  }
  return undefined;
}

async function socketInode(remotePort: number, ownPort: number): Promise<string | undefined> {
  const [from, to] = [loopback(remotePort), loopback(ownPort)];
  for (const line of (await readFile('/proc/net/tcp', 'utf8')).split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === from && fields[2] === to && fields[9] !== '0') return fields[9];
  }
  return undefined;
}

/** The kernel shows an address as the number that its bytes make on this machine: all machines that CRIU runs on here are little endian. */
function loopback(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

async function descendantsOf(ancestor: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const facts = await Promise.all(pids.map(processFacts));
  const parents = new Map(facts.flatMap((fact) => (fact === undefined ? [] : [[fact.pid, fact.parent] as const])));
  const isBelow = (pid: number): boolean => {
    for (let parent = parents.get(pid); parent !== undefined; parent = parents.get(parent)) {
      if (parent === ancestor) return true;
    }
    return false;
  };
  return pids.filter(isBelow);
}

async function hasSocket(pid: number, inode: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  const links = await Promise.all(names.map(async (name) => readlink(`${directory}/${name}`).catch(() => '')));
  return links.includes(`socket:[${inode}]`);
}
