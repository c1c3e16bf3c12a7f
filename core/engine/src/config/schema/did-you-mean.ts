// SPDX-License-Identifier: Apache-2.0

/** ` (did you mean "x"?)` for the closest of the known names, or nothing when none is close. */
export function didYouMean(given: string, known: readonly string[]): string {
  const limit = Math.max(1, Math.floor(given.length / 3));
  const scored = known.map((name) => ({ name, distance: score(given.toLowerCase(), shorten(name)) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= limit ? ` (did you mean "${best.name}"?)` : '';
}

/** A secret is asked for by what it is. */
function shorten(name: string): string {
  return name.toLowerCase().replace(/from$/, '');
}

function score(given: string, name: string): number {
  const prefix = given.length >= 3 && (name.startsWith(given) || given.startsWith(name));
  return prefix ? 0 : editDistance(given.slice(0, 64), name);
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(before, j - 2) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
