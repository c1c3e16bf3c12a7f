// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { GritError, isGritError, type DeviceUse } from '@grit/plugin-api';
import { processFacts } from '@grit/runtime-criu';

/** Of the flags of a process in the kernel: it is ending, writes its core, or was ended by a signal. */
const ENDING = 0x4 | 0x200 | 0x400;
const SIGKILL_PENDING = 1n << 8n;

/** True while the very process is there, no zombie, and not about to end: the driver's answer comes sooner than the end of whom it has killed. */
export async function isAlive({ pid, startTime }: Pick<DeviceUse, 'pid' | 'startTime'>): Promise<boolean> {
  // In this order: what is not pending any more is seen in the flags.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const pending = /^SigPnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  const facts = await processFacts(pid);
  if (facts === undefined || facts.state === 'Z' || facts.state === 'X' || facts.startTime !== startTime) return false;
  return (facts.flags & ENDING) === 0 && (BigInt(`0x${pending}`) & SIGKILL_PENDING) === 0n;
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
