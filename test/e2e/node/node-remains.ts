// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterNode } from '../../cluster/index.js';
import { runProgram } from '../../cluster/run-program.js';

/** Programs of ours, and those that they start, which end with what they do. */
const SHORT_LIVED = new Set(['criu', 'ld-linux-x86-64', 'runc', 'runc-grit', 'tar', 'nsenter', 'iptables']);
/** Where agent and wrapper keep what they work on, below the node's directory. */
const PLACES = ['grit/nodes', 'grit-run'];
/** Kept on purpose, within limits: images for the next restore; for a week what was done; for an hour that a pod was restored. */
const KEPT = /\/(images\/|stored\/|restored\/|pod-restores\/[^/]+\/restore\.json$)/;

/**
 * What work leaves behind on a node when it is not cleaned up, one line each: mounts, containers, tasks and snapshots of containerd, control
 * groups of pods, files of the agent and of the wrapper, processes that should have ended, and files that the agent has open.
 */
export async function remainsOn(node: ClusterNode, agentPid: number): Promise<readonly string[]> {
  const [program = '', ...enter] = node.enter;
  const mounts = await runProgram(program, [...enter, 'cat', '/proc/self/mountinfo']);
  const containerd = async (what: string, ...command: string[]): Promise<string[]> =>
    wordsOf(await node.ctr(...command)).map((id) => `${what} ${id}`);
  return [
    ...mounts.split('\n').flatMap((line) => below(node.directory, 'mount', line.split(' ')[4] ?? '')),
    ...(await containerd('container', 'containers', 'list', '--quiet')),
    ...(await containerd('task', 'tasks', 'list', '--quiet')),
    ...(await node.ctr('snapshots', 'list')).split('\n').slice(1).filter(Boolean).map(snapshotOf),
    ...cgroupsOf(node),
    ...PLACES.flatMap((place) => filesBelow(join(node.directory, place)))
      .filter((path) => !KEPT.test(path))
      .map((path) => `file ${path}`),
    ...processesOf(node),
    ...openFilesOf(agentPid, node).map((path) => `open ${path}`),
  ].sort();
}

function wordsOf(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

function below(directory: string, what: string, path: string): string[] {
  return path.startsWith(`${directory}/`) ? [`${what} ${path}`] : [];
}

function snapshotOf(line: string): string {
  const [key = '', , kind = ''] = line.trim().split(/\s+/);
  return `snapshot ${kind} ${key}`;
}

function filesBelow(directory: string): string[] {
  return readable(() => readdirSync(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** Of the pods of this node, in any hierarchy. */
function cgroupsOf({ name, directory }: ClusterNode): string[] {
  const cluster = directory.split('/nodes/')[0]?.split('/').at(-1) ?? '';
  const all = readable(() => readdirSync('/sys/fs/cgroup', { recursive: true, withFileTypes: true }));
  return all
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.includes(cluster) && path.includes(name) && /\/pod[0-9a-f-]{36}/.test(path))
    .map((path) => `cgroup ${path}`);
}

function processesOf({ directory }: ClusterNode): string[] {
  return readable(() => readdirSync('/proc'))
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      const [comm = ''] = readable(() => [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()]);
      const [command = ''] = readable(() => [readFileSync(`/proc/${pid}/cmdline`, 'utf8')]);
      return SHORT_LIVED.has(comm) && command.includes(directory) ? [`process ${comm} ${pid}`] : [];
    });
}

/** What an agent without work has no business with: files of images, and such as are deleted. */
function openFilesOf(pid: number, { directory }: ClusterNode): string[] {
  return readable(() => readdirSync(`/proc/${pid}/fd`))
    .flatMap((fd) => readable(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)]))
    .filter(
      (path) => path.endsWith(' (deleted)') || (path.startsWith(`${directory}/`) && /\/(dumps|images|pod-)/.test(path)),
    );
}

/** Things in /proc and below come and go while one looks. */
function readable<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}
