// SPDX-License-Identifier: Apache-2.0
import { readdir, readlink } from 'node:fs/promises';
import { readTextIfThere } from '../files/sealed-json.js';

/** A device that a process has open, or mapped: then there is no descriptor. */
export interface OpenDevice {
  readonly pid: number;
  readonly path: string;
  readonly fd?: number | undefined;
}

/** What the processes have of the devices that are asked for. Reads /proc only: frozen processes can be looked at. */
export async function openDevices(
  pids: readonly number[],
  owns: (path: string) => boolean,
): Promise<readonly OpenDevice[]> {
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [open, mapped] = await Promise.all([descriptorsOf(pid), mappingsOf(pid)]);
      return [...open, ...mapped].filter(({ path }) => owns(path));
    }),
  );
  return found.flat();
}

async function descriptorsOf(pid: number): Promise<readonly OpenDevice[]> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  return Promise.all(
    names.map(async (name) => ({
      pid,
      fd: Number(name),
      path: await readlink(`${directory}/${name}`).catch(() => ''),
    })),
  );
}

async function mappingsOf(pid: number): Promise<readonly OpenDevice[]> {
  const maps = (await readTextIfThere(`/proc/${pid}/maps`)) ?? '';
  const paths = new Set(maps.split('\n').map((line) => line.split(/\s+/).slice(5).join(' ')));
  return [...paths].map((path) => ({ pid, path }));
}
