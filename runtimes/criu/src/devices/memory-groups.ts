// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupVersion } from '../cgroup/container-cgroup.js';
import { controlGroupOf } from '../cgroup/control-group-of.js';
import { readTextIfThere } from '../files/sealed-json.js';

const ROOT = '/sys/fs/cgroup';
/** Version 1 says "no limit" with a number near the largest. */
const NO_LIMIT = 2 ** 60;

/** A control group that limits the memory of its processes. */
export interface LimitedGroup {
  /** As people know it. */
  readonly path: string;
  /** Absolute. */
  readonly directory: string;
  readonly limitBytes: number;
  /** Without what the kernel can drop: pages of files. */
  readonly usedBytes: number;
}

/** Where the memory of a container is limited. @param path - of its group, below the root of each hierarchy */
export async function memoryDirectory(path: string): Promise<string> {
  return join((await cgroupVersion()) === 'v1' ? join(ROOT, 'memory') : ROOT, path);
}

/** The groups above a process that limit it, its own first. */
export async function limitedGroupsOf(pid: number): Promise<readonly LimitedGroup[]> {
  const own = (await controlGroupOf(pid, 'memory')) ?? '';
  const groups: LimitedGroup[] = [];
  for (let path = own; path !== '' && path !== '/'; path = path.slice(0, path.lastIndexOf('/'))) {
    const group = await limitOf(await memoryDirectory(path), path);
    if (group !== undefined) groups.push(group);
  }
  return groups;
}

/**
 * Sets the limit of a group. On version 1 the limit of memory with swap can never be below it, so one of the two moves first; it is set to the same.
 * A group that is gone is no error.
 */
export async function setLimit(directory: string, bytes: number): Promise<void> {
  if ((await cgroupVersion()) === 'v2') return write(directory, 'memory.max', bytes);
  const file = 'memory.limit_in_bytes';
  const withSwap = 'memory.memsw.limit_in_bytes';
  const before = Number(await readTextIfThere(join(directory, withSwap)));
  const isLimited = before > 0 && before < NO_LIMIT;
  if (isLimited && bytes > before) await write(directory, withSwap, bytes);
  await write(directory, file, bytes);
  if (isLimited && bytes < before) await write(directory, withSwap, bytes);
}

async function write(directory: string, file: string, bytes: number): Promise<void> {
  await writeFile(join(directory, file), String(bytes)).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENODEV') throw error;
  });
}

async function limitOf(directory: string, path: string): Promise<LimitedGroup | undefined> {
  const [limitFile, usedFile, prefix] =
    (await cgroupVersion()) === 'v1'
      ? ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_']
      : ['memory.max', 'memory.current', ''];
  const limitBytes = Number(await readTextIfThere(join(directory, limitFile)));
  if (!(limitBytes > 0 && limitBytes < NO_LIMIT)) return undefined;
  const stat = (await readTextIfThere(join(directory, 'memory.stat'))) ?? '';
  const files = ['inactive_file', 'active_file'].map((name) => {
    return Number(new RegExp(`^${prefix}${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  });
  const used = Number(await readTextIfThere(join(directory, usedFile)));
  const usedBytes = Math.max(0, used - files.reduce((sum, size) => sum + size, 0));
  return { path, directory, limitBytes, usedBytes };
}
