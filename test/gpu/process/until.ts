// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';

/** Looks every so often, milliseconds. */
const PERIOD_MS = 20;

/** Waits until a condition gives something other than undefined or false; the signal ends the wait. */
export async function until<Value>(
  condition: () => Promise<Value | undefined | false>,
  signal: AbortSignal,
): Promise<Value> {
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    await delay(PERIOD_MS, undefined, { signal });
  }
}
