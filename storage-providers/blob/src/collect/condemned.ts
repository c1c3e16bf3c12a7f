// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { ObjectStore } from '../object-store.js';
import { OBJECTS, isToken, parseObjectKey, writerPrefix } from '../store/object-key.js';
import { Phantoms } from '../store/phantoms.js';

const CONDEMNED = 'collect/condemned.json';
const FORMAT = 'grit-condemned/1';

/**
 * Objects that nobody may take up any more, by key or by the prefix of a writer; with the time at which they were condemned. An entry
 * leaves the list only when its object is gone: who would take one off earlier could not know of a collector that still acts upon it.
 */
export class Condemned {
  constructor(
    readonly entries: ReadonlyMap<string, number>,
    readonly etag: string | undefined,
  ) {}

  /** True for a key that stands there, or below a prefix that does. */
  has(key: string): boolean {
    if (this.entries.has(key)) return true;
    const parsed = parseObjectKey(key);
    return parsed !== undefined && this.entries.has(writerPrefix(parsed.id, parsed.token));
  }
}

/** Throws GRIT_STORAGE_UNSUITABLE for a list that this version cannot read: nothing is safe then. */
export async function readCondemned(objects: ObjectStore, signal: AbortSignal): Promise<Condemned> {
  const found = await objects.get(CONDEMNED, signal);
  if (found === undefined) return new Condemned(new Map(), undefined);
  const entries = parseCondemned(found.bytes);
  if (entries !== undefined) return new Condemned(entries, found.etag);
  throw new GritError(
    'GRIT_STORAGE_UNSUITABLE',
    `store ${objects.label}: ${CONDEMNED} is damaged, or of another version`,
    {
      hint: 'Nothing is lost. When no process of another version uses the store, stop all that write to it and remove this object.',
    },
  );
}

/** Changes the list as it stands there at that moment, again and again until nobody else has changed it in between. */
export async function changeCondemned(
  objects: ObjectStore,
  change: (entries: Map<string, number>) => void,
  signal: AbortSignal,
): Promise<void> {
  const phantoms = new Phantoms(objects, CONDEMNED);
  for (;;) {
    const { entries, etag } = await readCondemned(objects, signal);
    const changed = new Map(entries);
    change(changed);
    if (changed.size === entries.size && [...changed.keys()].every((key) => entries.has(key))) return;
    const condition = etag === undefined ? { absent: true as const } : { etag };
    const bytes = Buffer.from(JSON.stringify({ format: FORMAT, condemned: Object.fromEntries(changed) }));
    if ((await objects.put(CONDEMNED, bytes, { condition, signal })) !== undefined) return;
    if (etag === undefined) phantoms.meet();
  }
}

/** Undefined for bytes that are no such list. */
export function parseCondemned(bytes: Uint8Array): ReadonlyMap<string, number> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, condemned } = value as { readonly format?: unknown; readonly condemned?: unknown };
  if (format !== FORMAT || typeof condemned !== 'object' || condemned === null || Array.isArray(condemned))
    return undefined;
  const entries = Object.entries(condemned as Readonly<Record<string, unknown>>);
  const right = entries.every(
    ([key, at]) => (parseObjectKey(key) !== undefined || isWriterPrefix(key)) && Number.isSafeInteger(at),
  );
  return right ? new Map(entries as [string, number][]) : undefined;
}

/** True for what stands for everything that one writer has put. */
export function isWriterPrefix(key: string): boolean {
  const [id, token, end, ...more] = key.slice(OBJECTS.length).split('/');
  return key.startsWith(OBJECTS) && id !== '' && isToken(token) && end === '' && more.length === 0;
}
