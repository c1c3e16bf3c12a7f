// SPDX-License-Identifier: Apache-2.0

type Values = Record<string, unknown>;

/**
 * Lays `over` on `base`: objects are merged, everything else is replaced, null removes. An object whose `use` changes
 * is replaced as a whole: what was meant for one plugin means nothing to another.
 */
export function mergeConfig(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isObject(base) || !isObject(over)) return over;
  if (typeof over.use === 'string' && base.use !== undefined && base.use !== over.use) return over;
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergeConfig(base[key], value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
