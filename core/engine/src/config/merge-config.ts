// SPDX-License-Identifier: Apache-2.0

type Values = Readonly<Record<string, unknown>>;

/** Lays a file on what is there. A section without content (`plugins:`) is as good as none. */
export function mergeConfig(base: unknown, over: Values): unknown {
  return mergeValues(base, Object.fromEntries(Object.entries(over).filter(([, value]) => value !== null)));
}

/**
 * Lays `over` on `base`: objects are merged, everything else is replaced, null removes what is there. An object whose `use` changes
 * is replaced as a whole: what was meant for one plugin means nothing to another.
 */
function mergeValues(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isObject(base) || !isObject(over)) return over;
  if (typeof over.use === 'string' && base.use !== undefined && base.use !== over.use) return over;
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    if (value === null && merged.has(key)) merged.delete(key);
    else merged.set(key, mergeValues(base[key], value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
