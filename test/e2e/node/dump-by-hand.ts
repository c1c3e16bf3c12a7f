// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSource, LocalPart } from '@grit/plugin-api';
import type { ClusterNode } from '../../cluster/index.js';
import { buildModule } from '../../cluster/binaries.js';
import { runProgram } from '../../cluster/run-program.js';

interface Bundle {
  readonly id: string;
  readonly path: string;
  readonly pid: number;
  readonly mounts: readonly { readonly destination: string; readonly source?: string }[];
  readonly notes: Readonly<Record<string, string>>;
}

const FAITHFUL = ['--format=posix', '--xattrs', '--xattrs-include=*', '--acls', '--numeric-owner', '--sparse'];
const CRI = 'io.kubernetes.cri';

/** An image that was made by hand. */
export interface HandDump extends ImageSource {
  /** How long runc took for all containers. */
  readonly checkpointMs: number;
}

/** Dumps a pod of the handler grit with runc alone, and lays the image out as the driver does. The pod stays paused. */
export async function dumpByHand(node: ClusterNode, pod: string, directory: string): Promise<HandDump> {
  const runc = await runcOf(node);
  const bundles = await containersOf(node, pod);
  for (const { id } of bundles) await runc('pause', id);
  let checkpointMs = 0;
  const volumes = new Map<string, string>();
  let memory = '';
  for (const { id, path, pid, notes, mounts } of bundles) {
    const parts = join(directory, 'containers', notes[`${CRI}.container-name`] ?? '');
    await mkdir(join(parts, 'criu'), { recursive: true });
    const places = ['--image-path', join(parts, 'criu'), '--work-path', join(directory, '..', `work-${id}`)];
    const began = performance.now();
    await runc('checkpoint', '--leave-running', ...places, '--file-locks', '--ext-unix-sk', id);
    checkpointMs += performance.now() - began;
    await pack(await upperOf(pid), join(parts, 'rootfs.tar'));
    await copyFile(join(path, 'config.json'), join(parts, 'config.json'));
    for (const { source = '', destination } of mounts) {
      if (destination === '/dev/shm') memory = source;
      const volume = /\/kubernetes\.io~empty-dir\/([^/]+)$/.exec(source)?.[1];
      if (volume !== undefined) volumes.set(volume, source);
    }
  }
  await mkdir(join(directory, 'volumes'));
  for (const [name, source] of volumes) await pack(source, join(directory, 'volumes', `${name}.tar`));
  await pack(memory, join(directory, 'shm.tar'));
  const parts = await partsOf(directory);
  const data = {
    pod: { namespace: 'default', name: pod, uid: bundles[0]?.notes[`${CRI}.sandbox-uid`] ?? '' },
    hostname: pod,
    containers: bundles.map(({ notes, mounts }) => {
      const name = notes[`${CRI}.container-name`] ?? '';
      return { name, sidecar: false, mounts: mounts.map(({ destination }) => destination) };
    }),
    volumes: [...volumes.keys()].map((name) => ({ name })),
    shm: true,
    tcp: 'close',
    sizes: Object.fromEntries(parts.map(({ name, size }) => [name, size])),
    versions: {
      criu: '4.2.1',
      runc: '1.5.2',
      kernel: '',
      arch: process.arch,
      cgroup: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1',
    },
  };
  return {
    checkpoint: `of-${pod}`,
    directory,
    parts,
    runtime: { driver: 'criu', version: 2, data },
    checkpointMs,
  };
}

/** Lets a pod that was dumped go on. */
export async function resumeByHand(node: ClusterNode, pod: string): Promise<void> {
  const runc = await runcOf(node);
  for (const { id } of await containersOf(node, pod)) await runc('resume', id);
}

/** runc of the node, which finds CRIU in PATH. */
async function runcOf(node: ClusterNode): Promise<(...args: string[]) => Promise<string>> {
  const program = join(await buildModule('runc'), 'runc');
  return async (...args) => runProgram(program, ['--root', rootOf(node), ...args]);
}

function rootOf(node: ClusterNode): string {
  return join(node.directory, 'grit-runc', 'k8s.io');
}

/** In the order in which they were started. */
async function containersOf(node: ClusterNode, pod: string): Promise<readonly Bundle[]> {
  const bundles = await Promise.all((await readdir(rootOf(node))).map(async (id) => readBundle(node, id)));
  return bundles
    .filter(({ notes }) => notes[`${CRI}.sandbox-name`] === pod && notes[`${CRI}.container-type`] === 'container')
    .sort((a, b) => a.pid - b.pid);
}

async function readBundle(node: ClusterNode, id: string): Promise<Bundle> {
  const path = join(node.directory, 'containerd-state', 'io.containerd.runtime.v2.task', 'k8s.io', id);
  const { mounts, annotations } = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as {
    readonly mounts: Bundle['mounts'];
    readonly annotations: Bundle['notes'];
  };
  return { id, path, pid: Number(await readFile(join(path, 'init.pid'), 'utf8')), mounts, notes: annotations };
}

async function upperOf(pid: number): Promise<string> {
  const table = await readFile(`/proc/${pid}/mountinfo`, 'utf8');
  const root = table.split('\n').find((line) => line.split(' ')[4] === '/');
  return /upperdir=([^,]+)/.exec(root ?? '')?.[1] ?? '';
}

async function pack(directory: string, file: string): Promise<void> {
  await runProgram('tar', ['--create', `--file=${file}`, `--directory=${directory}`, ...FAITHFUL, '.']);
}

async function partsOf(directory: string): Promise<LocalPart[]> {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Promise.all(
    paths.map(async (path) => ({
      name: path.slice(directory.length + 1),
      kind: 'runtime' as const,
      path,
      size: (await stat(path)).size,
    })),
  );
}
