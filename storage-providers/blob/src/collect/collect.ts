// SPDX-License-Identifier: Apache-2.0
import type { CollectOptions, Collected, Garbage } from '@grit/plugin-api';
import type { ObjectStore, StoredObject } from '../object-store.js';
import { CHECKS, OBJECTS, parseObjectKey, writerPrefix } from '../store/object-key.js';
import { vacateRecord } from '../store/record-file.js';
import { changeCondemned, isWriterPrefix, readCondemned, type Condemned } from './condemned.js';
import { UsedObjects } from './used-objects.js';

const DAY_MS = 24 * 60 * 60_000;
/** Entries of the list, which whoever adopts reads; what is more waits for a later call. */
const MOST_CONDEMNED = 100_000;

interface Run extends CollectOptions {
  readonly now: () => number;
}

/**
 * Mark and sweep, in two calls: one condemns, a later one removes. The order of the requests is what makes it safe beside writers: see
 * docs/adr/0023. Errors: those of the store, and GRIT_IMAGE_MANIFEST_INVALID for a record that cannot be read.
 */
export async function collect(objects: ObjectStore, run: Run): Promise<Collected> {
  const { signal, dryRun = false, graceMs = DAY_MS, now } = run;
  const tally = new Tally(run);
  const condemned = await readCondemned(objects, signal);
  const first = await expire(objects, await UsedObjects.read(objects, signal), { graceMs, dryRun, now, signal });
  const unused: StoredObject[] = [];
  const seen = new Seen(condemned);
  for await (const object of objects.list(OBJECTS, signal)) {
    seen.add(object.key);
    if (first.used.has(object.key)) tally.use(object);
    else unused.push(object);
  }
  // Once more, and after the list was read: whoever says only now that he uses an object finds it on the list.
  const used = (await UsedObjects.read(objects, signal, first.used)).without(first.expired);
  const remove: string[] = [];
  const condemn: string[] = [];
  for (const object of unused) {
    const { key } = object;
    const why = used.whyNot(key);
    const old = now() - object.modifiedAt >= graceMs;
    if (used.has(key)) tally.use(object);
    else if (why === 'unknown') tally.find(object, why, 'left');
    else if (condemned.has(key)) {
      tally.find(object, why, 'removed');
      remove.push(key);
    } else if (old && condemned.entries.size + condemn.length < MOST_CONDEMNED) {
      tally.find(object, why, 'condemned');
      condemn.push(key);
    } else tally.find(object, why, old ? 'left' : 'young');
  }
  const checks = await oldChecks(objects, run, graceMs, tally);
  await endUploads(objects, { signal, graceMs, dryRun }, tally);
  if (dryRun) return tally.collected;
  if (remove.length + checks.length > 0) await objects.delete([...remove, ...checks], signal);
  const gone = [...remove, ...seen.gone(now() - graceMs)];
  const at = now();
  await changeCondemned(
    objects,
    (entries) => {
      for (const key of condemn) entries.set(key, at);
      for (const key of gone) entries.delete(key);
    },
    signal,
  );
  return tally.collected;
}

/** Takes away the records of writers that are gone. They are fenced by that, should they live. */
async function expire(
  objects: ObjectStore,
  used: UsedObjects,
  { graceMs, dryRun, now, signal }: Required<Pick<Run, 'dryRun' | 'now' | 'signal'>> & { readonly graceMs: number },
): Promise<{ readonly used: UsedObjects; readonly expired: ReadonlySet<string> }> {
  const gone = [...used.records.values()].filter(
    ({ record, etag = '', listedEtag, modifiedAt }) =>
      // One that was written again since it was listed is that of a writer who lives.
      record?.state === 'writing' && now() - modifiedAt >= graceMs && bare(etag) === bare(listedEtag),
  );
  if (gone.length === 0) return { used, expired: new Set() };
  const expired = new Set(gone.map(({ id }) => id));
  if (dryRun) return { used: used.without(expired), expired };
  for (const { id, etag } of gone) if (etag !== undefined) await vacateRecord(objects, id, etag, signal);
  return { used: await UsedObjects.read(objects, signal, used), expired: new Set() };
}

function bare(etag: string): string {
  return etag.replaceAll('"', '');
}

/** What a check left that died. */
async function oldChecks(objects: ObjectStore, run: Run, graceMs: number, tally: Tally): Promise<string[]> {
  const keys: string[] = [];
  for await (const object of objects.list(CHECKS, run.signal)) {
    const old = run.now() - object.modifiedAt >= graceMs;
    tally.find(object, 'abandoned', old ? 'removed' : 'young');
    if (old) keys.push(object.key);
  }
  return keys;
}

/** Of writers that died in the middle of one. How much they weigh nobody says. */
async function endUploads(
  objects: ObjectStore,
  options: Parameters<NonNullable<ObjectStore['abandonedUploads']>>[0],
  tally: Tally,
): Promise<void> {
  for await (const { key, startedAt } of objects.abandonedUploads?.(options) ?? []) {
    tally.find({ key, size: 0, modifiedAt: startedAt, etag: '' }, 'abandoned', 'removed');
  }
}

/** Which entries of the list have lost their objects. */
class Seen {
  readonly #left: Set<string>;

  constructor(readonly condemned: Condemned) {
    this.#left = new Set(condemned.entries.keys());
  }

  add(key: string): void {
    this.#left.delete(key);
    const parsed = parseObjectKey(key);
    if (parsed !== undefined) this.#left.delete(writerPrefix(parsed.id, parsed.token));
  }

  /** A writer that was condemned may still have an object on its way, for a while. */
  gone(before: number): string[] {
    return [...this.#left].filter((key) => !isWriterPrefix(key) || (this.condemned.entries.get(key) ?? 0) < before);
  }
}

/** Counts, and tells of what it counts. */
class Tally {
  readonly #used = { objects: 0, bytes: 0 };
  readonly #removed = { objects: 0, bytes: 0 };
  readonly #waiting = { objects: 0, bytes: 0 };

  constructor(private readonly run: Run) {}

  get collected(): Collected {
    return { used: this.#used, removed: this.#removed, waiting: this.#waiting };
  }

  use({ size }: StoredObject): void {
    add(this.#used, size);
  }

  find({ key, size, modifiedAt }: StoredObject, why: Garbage['why'], then: Garbage['then']): void {
    if (why !== 'unknown') add(then === 'removed' ? this.#removed : this.#waiting, size);
    const { id: image, name: object } = parseObjectKey(key) ?? {};
    this.run.onGarbage?.({ key, image, object, size, ageMs: Math.max(0, this.run.now() - modifiedAt), why, then });
  }
}

function add(sum: { objects: number; bytes: number }, bytes: number): void {
  sum.objects += 1;
  sum.bytes += bytes;
}
