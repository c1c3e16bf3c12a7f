// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { DeviceUse, PreflightFinding } from '@grit/plugin-api';
import { cgroupVersion } from '../cgroup/container-cgroup.js';
import { readTextIfThere } from '../files/sealed-json.js';

const ROOT = '/sys/fs/cgroup';
/** Version 1 says "no limit" with a number near the largest. */
const NO_LIMIT = 2 ** 60;
const MIB = 2 ** 20;

/** A control group that limits the memory of some of the processes. */
interface LimitedGroup {
  readonly path: string;
  readonly limitBytes: number;
  /** Without what the kernel can drop: pages of files. */
  readonly usedBytes: number;
}

/**
 * Limits that the state of the devices does not fit under: while it is in the memory of the processes it is counted there, and the kernel kills
 * who goes over. Groups of containers and those above them, a pod's, are looked at.
 */
export async function memoryShortages(uses: readonly DeviceUse[]): Promise<readonly PreflightFinding[]> {
  const groups = new Map<string, { readonly group: LimitedGroup; bytes: number; readonly first: DeviceUse }>();
  for (const use of uses) {
    for (const group of await limitedGroupsOf(use.pid)) {
      const known = groups.get(group.path) ?? { group, bytes: 0, first: use };
      known.bytes += use.bytes;
      groups.set(group.path, known);
    }
  }
  return [...groups.values()].flatMap(({ group, bytes, first }) => {
    if (group.usedBytes + bytes <= group.limitBytes) return [];
    const needed = Math.ceil((group.usedBytes + bytes) / MIB);
    return {
      severity: 'blocker' as const,
      reason: 'memory-limit',
      message:
        `the memory limit of ${group.path} is ${Math.floor(group.limitBytes / MIB)} MiB; ${Math.ceil(group.usedBytes / MIB)} MiB are in use, ` +
        `and the state of the devices needs ${Math.ceil(bytes / MIB)} MiB more`,
      hint: `Set the memory limit of container and pod to ${needed} MiB at least.`,
      pid: first.pid,
    };
  });
}

async function limitedGroupsOf(pid: number): Promise<readonly LimitedGroup[]> {
  const version = await cgroupVersion();
  const root = version === 'v1' ? join(ROOT, 'memory') : ROOT;
  const own = memoryPath((await readTextIfThere(`/proc/${pid}/cgroup`)) ?? '', version);
  const groups: LimitedGroup[] = [];
  for (let path = own; path !== '' && path !== '/'; path = path.slice(0, path.lastIndexOf('/'))) {
    const group = await limitOf(join(root, path), path, version);
    if (group !== undefined) groups.push(group);
  }
  return groups;
}

function memoryPath(table: string, version: 'v1' | 'v2'): string {
  for (const line of table.split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    if (controllers.split(',').includes(version === 'v1' ? 'memory' : '')) return path.join(':');
  }
  return '';
}

async function limitOf(directory: string, path: string, version: 'v1' | 'v2'): Promise<LimitedGroup | undefined> {
  const [limitFile, usedFile, prefix] =
    version === 'v1'
      ? ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_']
      : ['memory.max', 'memory.current', ''];
  const limitBytes = Number(await readTextIfThere(join(directory, limitFile)));
  if (!(limitBytes > 0 && limitBytes < NO_LIMIT)) return undefined;
  const stat = (await readTextIfThere(join(directory, 'memory.stat'))) ?? '';
  const files = ['inactive_file', 'active_file'].map((name) => {
    return Number(new RegExp(`^${prefix}${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  });
  const used = Number(await readTextIfThere(join(directory, usedFile)));
  return { path, limitBytes, usedBytes: Math.max(0, used - files.reduce((sum, size) => sum + size, 0)) };
}
