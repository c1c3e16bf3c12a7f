// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Hierarchy {
  readonly path: string;
  readonly version: 1 | 2;
}

/** Makes the cgroup in every hierarchy, with the CPUs and controllers of its parents. */
export function makeCgroup(cgroup: string): void {
  const levels = cgroup.split('/').filter((part) => part !== '');
  for (const { path, version } of listHierarchies()) {
    let folder = path;
    for (const level of levels) {
      if (version === 2) passControllersOn(folder);
      folder = join(folder, level);
      mkdirSync(folder, { recursive: true });
      for (const file of ['cpuset.cpus', 'cpuset.mems']) if (version === 1) inherit(folder, file);
    }
    if (version === 2) passControllersOn(folder);
  }
}

/** Numbers of the processes in the cgroup and below; frozen ones are let go, since they could not end otherwise. */
export function findInCgroup(cgroup: string): number[] {
  const folders = listFolders(cgroup);
  for (const folder of folders) thaw(folder);
  return [...new Set(folders.flatMap(readProcesses))];
}

/** Removes the cgroup and all below it; whatever still holds a process stays. */
export function removeCgroup(cgroup: string): void {
  for (const folder of listFolders(cgroup).reverse()) attempt(() => rmdirSync(folder));
}

function listHierarchies(): Hierarchy[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return lines.flatMap((line): Hierarchy[] => {
    const [, , , , path = ''] = line.split(' ');
    const type = line.split(' - ')[1]?.split(' ')[0];
    if (type === 'cgroup') return [{ path, version: 1 }];
    return type === 'cgroup2' ? [{ path, version: 2 }] : [];
  });
}

// Parents before children.
function listFolders(cgroup: string): string[] {
  return listHierarchies().flatMap(({ path }) => {
    const top = join(path, cgroup);
    return existsSync(top) ? [top, ...listBelow(top)] : [];
  });
}

function listBelow(folder: string): string[] {
  let children: string[] = [];
  attempt(() => {
    const entries = readdirSync(folder, { withFileTypes: true });
    children = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  });
  return children.flatMap((child) => [child, ...listBelow(child)]);
}

function readProcesses(folder: string): number[] {
  let text = '';
  attempt(() => (text = readFileSync(join(folder, 'cgroup.procs'), 'utf8')));
  return text.split('\n').filter(Boolean).map(Number);
}

function thaw(folder: string): void {
  const [first, second] = [join(folder, 'freezer.state'), join(folder, 'cgroup.freeze')];
  if (existsSync(first)) attempt(() => writeFileSync(first, 'THAWED'));
  if (existsSync(second)) attempt(() => writeFileSync(second, '0'));
}

function inherit(folder: string, file: string): void {
  if (!existsSync(join(folder, file))) return;
  writeFileSync(join(folder, file), readFileSync(join(dirname(folder), file), 'utf8'));
}

function passControllersOn(folder: string): void {
  const controllers = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim();
  for (const controller of controllers.split(' ').filter(Boolean)) {
    attempt(() => writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`));
  }
}

// Cgroups come and go while one looks at them.
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // gone, or not possible in this hierarchy
  }
}
