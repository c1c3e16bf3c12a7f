// SPDX-License-Identifier: Apache-2.0
import { NAME_PATTERN } from '@grit/plugin-api';

/** What came out of JSON.parse as an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** The object with all of the needed fields and none but those and the optional ones; throws an Error that says what is wrong. */
export function fields<N extends string, O extends string>(
  value: unknown,
  what: string,
  needed: readonly N[],
  optional: readonly O[] = [],
): Readonly<Record<N | O, unknown>> {
  const object: Readonly<Record<string, unknown>> = withFields(value, what, needed);
  const known: readonly string[] = [...needed, ...optional];
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`${what} has an unknown field ${JSON.stringify(unknown)}`);
  return object;
}

/** The object with all of the needed fields, whatever else it has. */
export function withFields<N extends string>(
  value: unknown,
  what: string,
  needed: readonly N[],
): Readonly<Record<N, unknown>> {
  if (!isObject(value)) throw new Error(`${what} is no object`);
  const missing = needed.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) throw new Error(`${what} has no ${missing}`);
  return value;
}

export function need(condition: boolean, what: string): void {
  if (!condition) throw new Error(`${what} is wrong`);
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME_PATTERN.test(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
