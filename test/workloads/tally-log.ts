// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';

/**
 * How far somebody has counted who writes a word at each start and then each number. Throws an AssertionError where it began anew, or a number is
 * lost or doubled.
 */
export function checkTally(lines: readonly string[], what: string, word = 'started'): number {
  const wanted = lines.map((_, index) => (index === 0 ? word : String(index)));
  assert.deepEqual(lines, wanted, `${what} has begun anew, or numbers are lost or doubled`);
  return lines.length - 1;
}
