// SPDX-License-Identifier: Apache-2.0

/**
 * Marks a value as one of ours. `Symbol.for` is shared by all copies of this package in a process,
 * so a plugin with its own copy works with the engine's; `instanceof` would not.
 */
export const BRAND: unique symbol = Symbol.for('grit.dev/brand') as never;

/** What a branded value is: the name never changes, the version grows when the shape does. */
export interface Branded<Name extends string> {
  readonly [BRAND]: { readonly name: Name; readonly version: number };
}

/** Puts the brand on a value, unseen by JSON and by loops. */
export function brand<Name extends string, T extends object>(value: T, name: Name, version = 1): T & Branded<Name> {
  Object.defineProperty(value, BRAND, { value: Object.freeze({ name, version }) });
  return value as T & Branded<Name>;
}

/** True for a value branded with this name by any copy of this package. */
export function hasBrand<Name extends string>(value: unknown, name: Name): value is Branded<Name> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const found = (value as Partial<Branded<string>>)[BRAND];
  return found?.name === name;
}
