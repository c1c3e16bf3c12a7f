// SPDX-License-Identifier: Apache-2.0
import { sendSignal, toolsWorkingOn } from './process-facts.js';
import { waitUntil } from './wait-until.js';

/** How long a dump that a killed agent left behind may go on by itself: ending it by force is the worse choice. */
export const STRAY_PATIENCE_MS = 30_000;

/** Waits for tools that an agent before us left working on the directory, then kills those that take too long. */
export async function endTools(directory: string, patienceMs: number): Promise<void> {
  const idle = async (): Promise<true | undefined> =>
    (await toolsWorkingOn(directory)).length === 0 ? true : undefined;
  if ((await waitUntil(idle, { limitMs: patienceMs, intervalMs: 20 })) === true) return;
  for (const pid of await toolsWorkingOn(directory)) sendSignal(pid, 'SIGKILL');
  await waitUntil(idle, { limitMs: 5_000 });
}
