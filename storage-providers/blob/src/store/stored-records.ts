// SPDX-License-Identifier: Apache-2.0
import type { ObjectStore } from '../object-store.js';
import { RECORDS, idOfRecord } from './object-key.js';
import { readRecord, type ReadRecord } from './record-file.js';

/** How many records are asked for at a time. */
const AT_A_TIME = 16;

/** A record together with what the service said of it when it was listed. */
export interface ListedRecord extends ReadRecord {
  readonly id: string;
  readonly listedEtag: string;
  readonly modifiedAt: number;
}

/** All records, in any order. Those whose etag is that of one in `before` are not read again. */
export async function* readRecords(
  objects: ObjectStore,
  signal: AbortSignal,
  before?: ReadonlyMap<string, ListedRecord>,
): AsyncGenerator<ListedRecord, void> {
  let reading: Promise<ListedRecord>[] = [];
  for await (const { key, etag, modifiedAt } of objects.list(RECORDS, signal)) {
    const id = idOfRecord(key);
    if (id === undefined) continue;
    const same = before?.get(id);
    if (same?.listedEtag === etag) yield same;
    else reading.push(readRecord(objects, id, signal).then((read) => ({ id, listedEtag: etag, modifiedAt, ...read })));
    if (reading.length < AT_A_TIME) continue;
    yield* await Promise.all(reading);
    reading = [];
  }
  yield* await Promise.all(reading);
}
