// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { NAME_PATTERN } from '@grit/plugin-api';

/** Looks at a value; what is wrong with it goes to the problems, and the result then does not matter. */
export type Check<T> = (value: unknown, field: string, problems: string[]) => T;

function check<T>(test: (value: unknown) => boolean, wanted: string): Check<T> {
  return (value, field, problems) => {
    if (!test(value)) problems.push(`${field}: ${shown(value)} is not ${wanted}`);
    return value as T;
  };
}

/** A value in a message: short, and one line. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

export const isName = check<string>(
  (value) => typeof value === 'string' && NAME_PATTERN.test(value),
  'a name (1 to 63 lower-case letters, digits and hyphens; first and last a letter or digit)',
);

export const isPath = check<string>(
  (value) =>
    typeof value === 'string' &&
    value.length <= 4096 &&
    posix.isAbsolute(value) &&
    posix.normalize(value) === value &&
    (value === '/' || !value.endsWith('/')) &&
    !value.includes('\0'),
  'an absolute path without `.`, `..`, doubled or final slashes',
);

/** Text that a line of a log can show. */
export function isPrintable(least: number, most: number): Check<string> {
  return check(
    (value) =>
      typeof value === 'string' && value.length >= least && value.length <= most && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value),
    `a text of ${least} to ${most} printable characters`,
  );
}

/** Text that an argument or variable of a process can be. */
export function isText(least: number, most: number): Check<string> {
  return check(
    (value) => typeof value === 'string' && value.length >= least && value.length <= most && !value.includes('\0'),
    `a text of ${least} to ${most} characters without NUL`,
  );
}

export const isVariable = check<string>(
  (value) => typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/.test(value) && value !== '__proto__',
  'the name of an environment variable',
);

export const isBoolean = check<boolean>((value) => typeof value === 'boolean', 'true or false');

export function isWhole(least: number, most: number): Check<number> {
  return check(
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
    `a whole number from ${least} to ${most}`,
  );
}

export function isNumber(least: number, most: number): Check<number> {
  return check(
    (value) => typeof value === 'number' && value >= least && value <= most,
    `a number from ${least} to ${most}`,
  );
}

export function isOneOf<const T extends string>(...choices: readonly T[]): Check<T> {
  return check((value) => (choices as readonly unknown[]).includes(value), `one of ${choices.join(', ')}`);
}

/** A list of at most `most` entries. */
export function isList<T>(least: number, most: number, entry: Check<T>): Check<readonly T[]> {
  const list = check<readonly unknown[]>(
    (value) => Array.isArray(value) && value.length >= least && value.length <= most,
    `a list of ${least} to ${most}`,
  );
  return (value, field, problems) => {
    const before = problems.length;
    const entries = list(value, field, problems);
    if (problems.length > before) return [];
    return Array.from(entries, (item, index) => entry(item, `${field}[${index}]`, problems));
  };
}

/** An object as a table from names to values. */
export function isTable<T>(most: number, key: Check<string>, entry: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, field, problems) => {
    if (!isPlainObject(value) || Object.keys(value).length > most) {
      problems.push(`${field}: ${shown(value)} is not an object of at most ${most} entries`);
      return {};
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        key(name, field, problems),
        entry(item, `${field}.${name.slice(0, 80)}`, problems),
      ]),
    );
  };
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
