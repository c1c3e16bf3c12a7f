// SPDX-License-Identifier: Apache-2.0

type Version = readonly [major: number, minor: number, patch: number];

const VERSION = /^(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?:-[0-9A-Za-z.-]+)?$/;
const COMPARATOR = /^(\^|~|>=|>|<=|<|=)?(.+)$/;

/**
 * The part of npm's ranges that manifests use: `^`, `~`, comparators, joined by spaces (and) or `||` (or), and `*`.
 * Pre-releases count as the version they lead to.
 */
export function satisfiesRange(version: string, range: string): boolean {
  const found = parse(version);
  if (found === undefined) return false;
  return range.split('||').some((part) => comparatorsOf(part)?.every((matches) => matches(found)) === true);
}

/** True for a range that {@link satisfiesRange} understands. */
export function isVersionRange(range: string): boolean {
  return range.length <= 200 && range.split('||').every((part) => comparatorsOf(part) !== undefined);
}

function comparatorsOf(part: string): ((version: Version) => boolean)[] | undefined {
  const words = part.trim().split(/\s+/);
  const comparators = words.map(comparatorOf);
  return comparators.every((comparator) => comparator !== undefined) ? comparators : undefined;
}

function comparatorOf(word: string): ((version: Version) => boolean) | undefined {
  if (word === '*') return () => true;
  const [, operator = '=', text = ''] = COMPARATOR.exec(word) ?? [];
  const base = parse(text);
  if (base === undefined) return undefined;
  const [major, minor] = base;
  switch (operator) {
    case '^': {
      const limit: Version = major > 0 ? [major + 1, 0, 0] : minor > 0 ? [0, minor + 1, 0] : [0, 0, base[2] + 1];
      return (version) => compare(version, base) >= 0 && compare(version, limit) < 0;
    }
    case '~':
      return (version) => compare(version, base) >= 0 && compare(version, [major, minor + 1, 0]) < 0;
    case '>=':
      return (version) => compare(version, base) >= 0;
    case '>':
      return (version) => compare(version, base) > 0;
    case '<=':
      return (version) => compare(version, base) <= 0;
    case '<':
      return (version) => compare(version, base) < 0;
    default:
      return (version) => compare(version, base) === 0;
  }
}

function parse(text: string): Version | undefined {
  const match = VERSION.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
