// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from './cluster-error.js';

/** Longest wait for anything, milliseconds: machines that run tests are slow and busy. */
const PATIENCE_MS = 180_000;

/** Waits for a condition; throws ClusterError naming it when it does not come true in time. */
export async function until(what: string, signal: AbortSignal, condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new ClusterError(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await delay(50, undefined, { signal });
  }
}
