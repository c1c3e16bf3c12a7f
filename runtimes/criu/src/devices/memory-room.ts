// SPDX-License-Identifier: Apache-2.0
import type { DeviceUse, PreflightFinding } from '@grit/plugin-api';
import { limitedGroupsOf, type LimitedGroup } from './memory-groups.js';

const MIB = 2 ** 20;

/** A limit that the state of devices does not fit under. */
export interface MemoryShortage {
  readonly group: LimitedGroup;
  /** Of device memory of the processes in the group. */
  readonly bytes: number;
  /** One of them. */
  readonly pid: number;
}

/**
 * Limits that the state of the devices does not fit under: while it is in the memory of the processes it is counted there, and the kernel kills
 * who goes over. Groups of containers and those above them, a pod's, are looked at.
 */
export async function memoryShortages(uses: readonly DeviceUse[]): Promise<readonly MemoryShortage[]> {
  const found = new Map<string, MemoryShortage>();
  for (const { pid, bytes } of uses) {
    for (const group of await limitedGroupsOf(pid)) {
      const known = found.get(group.path);
      found.set(group.path, known === undefined ? { group, bytes, pid } : { ...known, bytes: known.bytes + bytes });
    }
  }
  return [...found.values()].filter(({ group, bytes }) => group.usedBytes + bytes > group.limitBytes);
}

/** The numbers of both sides, and what would do. */
export function describeShortage({ group, bytes, pid }: MemoryShortage): PreflightFinding {
  const mib = (size: number): number => Math.ceil(size / MIB);
  return {
    severity: 'blocker',
    reason: 'memory-limit',
    message:
      `the memory limit of ${group.path} is ${Math.floor(group.limitBytes / MIB)} MiB; ${mib(group.usedBytes)} MiB are in use, ` +
      `and the state of the devices needs ${mib(bytes)} MiB more`,
    hint:
      `Set the memory limit of container and pod to ${mib(group.usedBytes + bytes)} MiB at least, or let the agent raise it for the time ` +
      'of the checkpoint (option memoryLimits: raise).',
    pid,
  };
}
