// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the probe gives something true. */
export async function eventually(
  what: string,
  probe: () => Promise<boolean> | boolean,
  limitMs = 15_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await probe())) {
    assert.ok(performance.now() < end, `not within ${limitMs} ms: ${what}`);
    await delay(10);
  }
}
