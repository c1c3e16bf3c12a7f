// SPDX-License-Identifier: Apache-2.0

/** Deepest nesting of objects and lists; far above any manifest, far below what a stack bears. */
const MAX_DEPTH = 64;

/**
 * JSON with sorted keys and no white space: RFC 8785. Equal values have equal text; fields that are undefined are left out.
 * Throws an Error for what nests too deep.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new Error('it nests too deep');
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry, depth + 1)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry, depth + 1)}`).join(',')}}`;
}
