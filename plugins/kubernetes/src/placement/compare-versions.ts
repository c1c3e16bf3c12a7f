// SPDX-License-Identifier: Apache-2.0

const NUMBERS = /^v?(\d{1,15}(?:\.\d{1,15})*)/;

/**
 * Compares the numbers at the start of two versions (`v2.4.2`, `6.18.0-1-amd64`, `580.95.05`): negative, 0 or positive; undefined when one has none.
 * `places` limits how many numbers count.
 */
export function compareVersions(a: string, b: string, places = Infinity): number | undefined {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  if (left === undefined || right === undefined) return undefined;
  const length = Math.min(places, Math.max(left.length, right.length));
  for (let place = 0; place < length; place += 1) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): readonly number[] | undefined {
  return NUMBERS.exec(version.trim())?.[1]?.split('.').map(Number);
}
