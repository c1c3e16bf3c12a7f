// SPDX-License-Identifier: Apache-2.0
import { readdir, readlink } from 'node:fs/promises';
import { readTextIfThere } from '../files/sealed-json.js';

/** An open file of a process. */
export interface Descriptor {
  readonly fd: number;
  /** As the kernel names it: a path, or `socket:[…]`, `anon_inode:…`; empty when it was closed meanwhile. */
  readonly target: string;
}

/** The open files of a process; none when it is gone. */
export async function descriptorsOf(pid: number): Promise<readonly Descriptor[]> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  return Promise.all(
    names.map(async (name) => ({ fd: Number(name), target: await readlink(`${directory}/${name}`).catch(() => '') })),
  );
}

/** What is mapped into the memory of a process, each once. The descriptor may be closed already. */
export async function mappedPathsOf(pid: number): Promise<ReadonlySet<string>> {
  const maps = (await readTextIfThere(`/proc/${pid}/maps`)) ?? '';
  return new Set(maps.split('\n').map((line) => line.split(/\s+/).slice(5).join(' ')));
}
