// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readLines } from './training-log.js';

/** Lines in the logs of the `counterPod` of a name. */
export interface CounterLogs {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly sidecar: readonly string[];
}

/** Reads the logs of the `counterPod` of this name from the folder behind its claim. */
export function readCounters(folder: string, name: string): CounterLogs {
  // A number is written by the left first: read in this order, nobody is ahead of one who was read before.
  const [sidecar, right, left] = ['sidecar', 'right', 'left'].map((log) => readLines(join(folder, `${name}.${log}`)));
  return { left: left!, right: right!, sidecar: sidecar! };
}

/** Asserts that no number is lost, doubled or inconsistent in any of them; returns how far they have come together. */
export function checkCounters({ left, right, sidecar }: CounterLogs): number {
  for (const [name, lines] of Object.entries({ left, right, sidecar })) {
    const wanted = lines.map((_, index) => String(index + 1));
    assert.deepEqual(lines, wanted, `${name}: numbers are lost, doubled or inconsistent`);
  }
  assert.ok(right.length <= left.length, `right has written ${right.length}, left only ${left.length}`);
  assert.ok(sidecar.length <= left.length, `the sidecar has written ${sidecar.length}, left only ${left.length}`);
  return Math.min(right.length, sidecar.length);
}
