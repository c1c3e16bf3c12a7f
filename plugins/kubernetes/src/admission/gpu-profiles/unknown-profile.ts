// SPDX-License-Identifier: Apache-2.0

/** How many names fit into a warning. */
const NAMES = 8;

/** What the author of a pod is told about a profile that does not exist. */
export function unknownProfile(name: string, known: readonly string[]): string {
  const meant = closest(name, known);
  const question = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  const more = known.length > NAMES ? `, and ${known.length - NAMES} more` : '';
  const list = known.slice(0, NAMES).join(', ');
  return `there is no GPU profile "${name}"${question}, so nothing was set; known are ${list}${more}`;
}

/** The name that was probably meant. */
function closest(given: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let distance = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const found = editDistance(given.toLowerCase(), name);
    if (found < distance) [best, distance] = [name, found];
  }
  return best;
}

/** Insertions, deletions and replacements that make one of the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [above, letter] of from.split('').entries()) {
    const next = [above + 1];
    for (const [left, other] of to.split('').entries()) {
      const replaced = (row[left] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[left + 1] ?? 0) + 1, (next[left] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
