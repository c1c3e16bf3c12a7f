// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { GritError, isGritError, type DeviceUse } from '@grit/plugin-api';

/** True while the very process is there and no zombie. */
export async function isAlive({ pid, startTime }: Pick<DeviceUse, 'pid' | 'startTime'>): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name is in parentheses and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat !== '' && !['Z', 'X'].includes(fields[0] ?? 'X') && fields[19] === startTime;
}

/** What a failed action on a process means: the driver's own words are final, whatever else went wrong may be tried again. */
export function isFinal(cause: unknown): boolean {
  return !isGritError(cause);
}

/** The one error after which a process cannot go on. */
export function lost(uses: readonly DeviceUse[], why: string, cause?: unknown): GritError {
  const pids = uses.map(({ pid }) => pid);
  const who = pids.length === 1 ? `pid ${pids[0]} has` : `pids ${pids.join(', ')} have`;
  return new GritError('GRIT_DEVICE_LOST', `${who} lost the state of the GPU: ${why}`, { cause, details: { pids } });
}
