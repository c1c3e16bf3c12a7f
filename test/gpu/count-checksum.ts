// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';

const SPREAD = 2_654_435_761n;
const WORD = 1n << 32n;

/** The line that workload/count.c must print in a step: the same sum, by formula instead of by adding. */
function countLine(step: number, mib: number): string {
  const words = BigInt(mib) * 262_144n;
  const sum = (words * (words - 1n)) / 2n;
  const squares = ((words - 1n) * words * (2n * words - 1n)) / 6n;
  const added = (BigInt(step) * BigInt(step + 1)) / 2n;
  // Of word i: (i * SPREAD + 1 + added) * (2 i + 1); the first counts once more.
  const total = SPREAD * (2n * squares + sum) + (1n + added) * (words * words + 1n);
  return `step ${step} checksum ${(total % WORD).toString(16).padStart(8, '0')}`;
}

/** Checks that the steps are 1, 2, 3 … without a gap, each with the right checksum. */
export function checkCount(lines: readonly string[], mib: number): void {
  lines.forEach((line, index) => assert.equal(line, countLine(index + 1, mib)));
}
