// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';

/** Throws GRIT_ABORTED when the caller has given up. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new GritError('GRIT_ABORTED', 'the caller gave up', { cause: signal.reason });
}

/**
 * Waits until the probe gives something; undefined when `limitMs` have passed. The kernel has no events for most of
 * what is waited for here, hence the short intervals.
 */
export async function waitUntil<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  limits: { readonly limitMs: number; readonly intervalMs?: number; readonly signal?: AbortSignal },
): Promise<T | undefined> {
  const end = performance.now() + limits.limitMs;
  for (;;) {
    if (limits.signal !== undefined) throwIfAborted(limits.signal);
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() >= end) return undefined;
    await delay(limits.intervalMs ?? 5);
  }
}
