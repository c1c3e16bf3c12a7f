// SPDX-License-Identifier: Apache-2.0

/** The candidate that was probably meant, for the hint of an error; undefined when none is close. */
export function closestName(given: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let distance = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const candidate of candidates) {
    const found = editDistance(given, candidate);
    if (found < distance) [best, distance] = [candidate, found];
  }
  return best;
}

/** Insertions, deletions and replacements that make one of the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
