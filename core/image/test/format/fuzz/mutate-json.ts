// SPDX-License-Identifier: Apache-2.0
import type { Seeded } from '../seeded.js';

type Holder = Record<string, unknown>;

const ODD: readonly unknown[] = [
  null,
  true,
  '',
  '..',
  '../x',
  'a/b',
  '/',
  'a\u0000b',
  '\ud800',
  '__proto__',
  'x'.repeat(300),
  `blake3:${'0'.repeat(64)}`,
  `sha256:${'f'.repeat(64)}`,
  'pk-0123456789abcdefghjkmnpqrs',
  0,
  1,
  -1,
  0.5,
  1e300,
  2 ** 32,
  2 ** 53,
  4096,
  8192,
  [],
  [[]],
  [0, 0],
  {},
  { a: 1 },
];

/** Changes a few places of a JSON value: another value, no field, one more, one under another name, a list in another order. */
export function mutateJson(value: unknown, random: Seeded): unknown {
  const copy: unknown = structuredClone(value);
  for (let change = 0, changes = 1 + random.below(3); change < changes; change++) mutateOnce(copy, random);
  return copy;
}

function mutateOnce(root: unknown, random: Seeded): void {
  const holders = holdersIn(root);
  if (holders.length === 0) return;
  const holder = random.of(holders);
  const key = random.of(Object.keys(holder));
  const was = holder[key];
  const odd = structuredClone(random.of(ODD));
  if (random.below(4) === 0 && typeof was === 'number') holder[key] = was + random.of([-1, 1, 4096, -4096, was, 0.5]);
  else if (random.below(4) === 0 && typeof was === 'string') holder[key] = mutateText(was, random);
  else if (Array.isArray(holder)) mutateList(holder, odd, random);
  else mutateObject(holder, key, odd, random);
}

function mutateObject(holder: Holder, key: string, odd: unknown, random: Seeded): void {
  const was = holder[key];
  const how = random.below(4);
  const name = random.of(['x', '__proto__', 'constructor', `${key}s`, key.slice(1), 'parent', 'requires']);
  if (how === 0) Reflect.deleteProperty(holder, key);
  else if (how === 1) set(holder, name, odd);
  else if (how === 2) {
    Reflect.deleteProperty(holder, key);
    set(holder, name, was);
  } else set(holder, key, odd);
}

function mutateList(list: unknown[], odd: unknown, random: Seeded): void {
  const at = random.below(list.length);
  const how = random.below(5);
  if (how === 0) list.splice(at, 1);
  else if (how === 1) list.splice(at, 0, structuredClone(list[at]));
  else if (how === 2) list.splice(at, 0, odd);
  else if (how === 3) list.reverse();
  else list[at] = odd;
}

function mutateText(text: string, random: Seeded): string {
  const at = random.below(text.length + 1);
  const piece = random.of(['', '/', '.', '..', '\u0000', 'A', 'é', '0', ':', ' ', '\\', '"']);
  return text.slice(0, at) + piece + text.slice(at + random.below(2));
}

/** All objects and lists that are not empty, at any depth. */
function holdersIn(value: unknown): Holder[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(holdersIn);
  return Object.keys(value).length === 0 ? inner : [value as Holder, ...inner];
}

/** As JSON.parse would: `__proto__` is a field like another. */
function set(holder: Holder, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}
