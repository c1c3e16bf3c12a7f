// SPDX-License-Identifier: Apache-2.0
import type { ObjectStore } from '../object-store.js';
import { newToken, recordKey } from './object-key.js';
import { encodeRecord, parseRecord, type ImageRecord } from './record.js';

/** A record as it was read. */
export interface ReadRecord {
  /** Undefined, where there is an etag: the bytes are no record of ours. */
  readonly record: ImageRecord | undefined;
  /** Undefined: there is no object. */
  readonly etag: string | undefined;
}

export async function readRecord(objects: ObjectStore, id: string, signal: AbortSignal): Promise<ReadRecord> {
  const found = await objects.get(recordKey(id), signal);
  if (found === undefined) return { record: undefined, etag: undefined };
  return { record: parseRecord(found.bytes), etag: found.etag };
}

/** Puts a record in the place of the one that was read. Returns its etag; undefined: another one stands there by now. */
export function replaceRecord(
  objects: ObjectStore,
  id: string,
  change: { readonly etag: string | undefined; readonly record: ImageRecord },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { etag, record } = change;
  const condition = etag === undefined ? { absent: true as const } : { etag };
  return objects.put(recordKey(id), encodeRecord(record), { condition, signal });
}

/**
 * Takes a record away, if it is still the one that was read. Where the service cannot do that a vacant one takes its place: removing it
 * without a condition could hit the record of somebody who begins the image at that moment.
 */
export async function vacateRecord(
  objects: ObjectStore,
  id: string,
  etag: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (objects.deleteIf !== undefined) return objects.deleteIf(recordKey(id), etag, signal);
  return (
    (await replaceRecord(objects, id, { etag, record: { state: 'vacant', token: newToken() } }, signal)) !== undefined
  );
}
