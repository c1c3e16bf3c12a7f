// SPDX-License-Identifier: Apache-2.0
import { readCondemned } from '../collect/condemned.js';
import type { ObjectStore } from '../object-store.js';
import { imagePrefix, newToken, parseObjectKey, recordKey } from './object-key.js';
import { Phantoms } from './phantoms.js';
import { readRecord, replaceRecord } from './record-file.js';
import type { RecordedObject, RecordedObjects, WritingRecord } from './record.js';
import { raise } from './storage-error.js';
import { WriterRecord } from './writer-record.js';

/** What a writer begins with. */
export interface Begun {
  readonly record: WriterRecord;
  /** What writers before hold on to; it may be gone, if they died at once. */
  readonly adopted: RecordedObjects;
  /** What they have put, by {@link identityOf}. */
  readonly known: ReadonlyMap<string, RecordedObject>;
  /** The token of the one before, which is dead and never committed. */
  readonly before: string | undefined;
}

/** What stands for the bytes of an object of one image. */
export function identityOf(identity: string, name: string): string {
  return `${identity}/${name}`;
}

/**
 * Makes the record of a writer, over that of the one before, who is fenced by it. Undefined: the image is committed.
 * Errors: GRIT_IMAGE_MANIFEST_INVALID for a record that this version cannot read.
 */
export async function beginWriting(
  objects: ObjectStore,
  id: string,
  now: () => number,
  signal: AbortSignal,
): Promise<Begun | undefined> {
  const phantoms = new Phantoms(objects, recordKey(id));
  for (;;) {
    const { record: found, etag: read } = await readRecord(objects, id, signal);
    if (found === undefined && read !== undefined) {
      throw raise('GRIT_IMAGE_MANIFEST_INVALID', 'its record is damaged, or of another version', objects.label, {
        checkpoint: id,
      });
    }
    if (found?.state === 'committed' && found.manifest !== undefined) return undefined;
    const before = found?.state === 'writing' ? found : undefined;
    const [token, startedAt] = [newToken(), now()];
    const adopted: RecordedObjects = before?.adopted ?? new Map<string, RecordedObject>();
    const record: WritingRecord = { state: 'writing', token, startedAt, renewedAt: startedAt, adopted };
    const etag = await replaceRecord(objects, id, { etag: read, record }, signal);
    if (etag === undefined) {
      if (read === undefined) phantoms.meet();
      continue;
    }
    const taken = new WriterRecord(objects, id, token, now, { etag, startedAt, adopted });
    if (before === undefined) return { record: taken, adopted, known: new Map(), before };
    return { record: taken, ...(await findLeft(objects, id, adopted, signal)), before: before.token };
  }
}

/**
 * What can be used of what is left. The order is what makes it safe: the record says already that it is used; a collector that did not
 * see that had written its list before; and what it has removed since is not found any more.
 */
async function findLeft(
  objects: ObjectStore,
  id: string,
  adopted: RecordedObjects,
  signal: AbortSignal,
): Promise<Pick<Begun, 'adopted' | 'known'>> {
  const condemned = await readCondemned(objects, signal);
  const known = new Map<string, RecordedObject>();
  for await (const { key, size } of objects.list(imagePrefix(id), signal)) {
    const { identity, name } = parseObjectKey(key) ?? {};
    if (identity === undefined || name === undefined || condemned.has(key)) continue;
    known.set(identityOf(identity, name), { key, size });
  }
  return { known, adopted: new Map([...adopted].filter(([, { key }]) => !condemned.has(key))) };
}
