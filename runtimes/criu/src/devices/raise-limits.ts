// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { GritError, type DeviceUse } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';
import { setLimit } from './memory-groups.js';
import type { MemoryShortage } from './memory-room.js';

/** The memory limit of a control group, as it was or is to be. */
export interface MemoryLimit {
  /** Of the group. */
  readonly directory: string;
  readonly limitBytes: number;
}

/** The driver needs some memory of its own, and the processes go on until they are locked. */
const SPARE = 1.1;
const SPARE_BYTES = 64 * 2 ** 20;
const TRIES = 25;
const PAUSE_MS = 200;

/** How much more than its limit a group needs for the state of devices. */
function extraFor(bytes: number): number {
  return Math.ceil(bytes * SPARE) + SPARE_BYTES;
}

/** The same at a restore of an image whose state did not fit its limits. Errors: GRIT_RESTORE_INCOMPATIBLE where they may not be raised. */
export function extraOf(
  node: Pick<NodeEnvironment, 'mayRaiseLimits'>,
  uses: readonly Pick<DeviceUse, 'bytes'>[],
): number {
  const bytes = uses.reduce((sum, use) => sum + use.bytes, 0);
  if (node.mayRaiseLimits) return extraFor(bytes);
  const message = `the state of the devices (${Math.ceil(bytes / 2 ** 20)} MiB) does not fit the memory limit`;
  throw new GritError('GRIT_RESTORE_INCOMPATIBLE', message, {
    hint: 'Let the agent raise it for the time of the restore (option memoryLimits: raise), as that of the source did.',
  });
}

/** The limits of shortages as they are; to be written down before they are raised. */
export function limitsToRaise(shortages: readonly MemoryShortage[]): readonly MemoryLimit[] {
  return shortages.map(({ group: { directory, limitBytes } }) => ({ directory, limitBytes }));
}

/** What the limits of shortages become. */
export function limitsFor(shortages: readonly MemoryShortage[]): readonly MemoryLimit[] {
  return shortages.map(({ group: { directory, usedBytes, limitBytes }, bytes }) => {
    return { directory, limitBytes: Math.max(usedBytes + extraFor(bytes), limitBytes) };
  });
}

/** Makes room for the state of devices: in a pod's group before those of its containers. */
export async function raiseLimits(limits: readonly MemoryLimit[]): Promise<void> {
  const outermostFirst = [...limits].sort((a, b) => a.directory.length - b.directory.length);
  for (const { directory, limitBytes } of outermostFirst) await setLimit(directory, limitBytes);
}

/** Sets limits back. The memory is free when the devices have their state again, and the kernel may need a moment to see it. Idempotent. */
export async function lowerLimits(raised: readonly MemoryLimit[] | undefined): Promise<void> {
  const innermostFirst = [...(raised ?? [])].sort((a, b) => b.directory.length - a.directory.length);
  for (const { directory, limitBytes } of innermostFirst) {
    for (let tries = 1; ; tries++) {
      try {
        await setLimit(directory, limitBytes);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || tries === TRIES) throw error;
        await delay(PAUSE_MS);
      }
    }
  }
}
