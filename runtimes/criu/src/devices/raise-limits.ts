// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { GritError, type DeviceUse } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';
import { setLimit } from './memory-groups.js';
import type { MemoryShortage } from './memory-room.js';

/** A limit that was raised, as it was before. */
export interface RaisedLimit {
  /** Of its control group. */
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

/** What {@link raiseLimits} is about to change; to be written down before. */
export function limitsToRaise(shortages: readonly MemoryShortage[]): readonly RaisedLimit[] {
  return shortages.map(({ group: { directory, limitBytes } }) => ({ directory, limitBytes }));
}

/** Makes room for the state of devices: a pod's group before those of its containers. */
export async function raiseLimits(shortages: readonly MemoryShortage[]): Promise<void> {
  const outermostFirst = [...shortages].sort((a, b) => a.group.directory.length - b.group.directory.length);
  for (const { group, bytes } of outermostFirst) {
    await setLimit(group.directory, Math.max(group.usedBytes + extraFor(bytes), group.limitBytes));
  }
}

/** Sets limits back. The memory is free when the devices have their state again, and the kernel may need a moment to see it. Idempotent. */
export async function lowerLimits(raised: readonly RaisedLimit[] | undefined): Promise<void> {
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
