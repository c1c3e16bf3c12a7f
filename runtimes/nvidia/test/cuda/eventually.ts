// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the probe gives something true. */
export async function eventually(
  what: string,
  probe: () => Promise<boolean> | boolean,
  limitMs = 30_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await probe())) {
    assert.ok(performance.now() < end, `not within ${limitMs} ms: ${what}`);
    await delay(10);
  }
}

/** True when the process is gone, or only its entry is left. */
export async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat === '' || ['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? 'X');
}
