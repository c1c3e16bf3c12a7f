// SPDX-License-Identifier: Apache-2.0
import { isPlainObject, type Check } from './checks.js';

/** Fields of an object: a check, and whether the field must be there. */
type Fields<T> = { readonly [K in keyof T]-?: readonly ['needed' | 'optional', Check<NonNullable<T[K]>>] };

/** An object with these fields and no others. An optional field that is undefined counts as missing. */
export function isObject<T extends object>(fields: Fields<T>): Check<T> {
  return (value, field, problems) => {
    const prefix = field === '' ? '' : `${field}.`;
    if (!isPlainObject(value)) {
      problems.push(`${field === '' ? 'request' : field}: is not an object`);
      return {} as T;
    }
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(fields, key)) continue;
      problems.push(`${prefix}${key.slice(0, 80)}: is not a field here (fields: ${Object.keys(fields).join(', ')})`);
    }
    const entries = Object.entries<readonly ['needed' | 'optional', Check<unknown>]>(fields).flatMap(
      ([key, [need, check]]) => {
        const entry = Object.hasOwn(value, key) ? value[key] : undefined;
        if (entry !== undefined) return [[key, check(entry, `${prefix}${key}`, problems)]];
        if (need === 'needed') problems.push(`${prefix}${key}: is missing`);
        return [];
      },
    );
    return Object.fromEntries(entries) as T;
  };
}
