// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** Machines that run tests are slow and busy. */
const PATIENCE_MS = 120_000;

/** Waits for a condition. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`not within ${PATIENCE_MS} ms: ${what}`);
    await delay(50);
  }
}
