// SPDX-License-Identifier: Apache-2.0
import { checkPartName } from '@grit/plugin-api';
import { isToken, parseObjectKey } from './object-key.js';

const FORMAT = 'grit-record/1';
const MAX_HEADER_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** An object that a record names. */
export interface RecordedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/** Objects by their names in the image. */
export type RecordedObjects = ReadonlyMap<string, RecordedObject>;

/** Somebody writes the image. */
export interface WritingRecord {
  readonly state: 'writing';
  readonly token: string;
  /** Milliseconds since the epoch, by the writer's clock. */
  readonly startedAt: number;
  readonly renewedAt: number;
  /** Objects of other images that it holds on to. */
  readonly adopted: RecordedObjects;
}

/** The image is there. */
export interface CommittedRecord {
  readonly state: 'committed';
  readonly token: string;
  /** Milliseconds since the epoch, by the writer's clock. */
  readonly committedAt: number;
  readonly objects: RecordedObjects;
  /** Undefined: the record was cut, and it is gone. */
  readonly manifest: Uint8Array | undefined;
}

/** The same as no record, for services that cannot remove one on a condition. */
interface VacantRecord {
  readonly state: 'vacant';
  /** So that no two have the same bytes. */
  readonly token: string;
}

/** What decides about an image. */
export type ImageRecord = WritingRecord | CommittedRecord | VacantRecord;

/** A line of JSON, and then the bytes of the manifest. */
export function encodeRecord(record: ImageRecord): Uint8Array {
  const { state, token } = record;
  if (state === 'vacant') return line({ format: FORMAT, state, token });
  if (state === 'writing') {
    const { startedAt, renewedAt, adopted } = record;
    return line({ format: FORMAT, state, token, startedAt, renewedAt, adopted: Object.fromEntries(adopted) });
  }
  const { committedAt, objects, manifest = new Uint8Array(0) } = record;
  const header = { format: FORMAT, state, token, committedAt, manifest: manifest.length };
  return Buffer.concat([line({ ...header, objects: Object.fromEntries(objects) }), manifest]);
}

/** Undefined for bytes that are no record. Everything is checked: the bytes come from a place that others may write to. */
export function parseRecord(bytes: Uint8Array): ImageRecord | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0 || end > MAX_HEADER_BYTES) return undefined;
  const header = parseJson(bytes.subarray(0, end));
  if (!isObject(header) || header.format !== FORMAT || !isToken(header.token)) return undefined;
  const rest = bytes.subarray(end + 1);
  if (header.state === 'writing') return parseWriting(header, header.token, rest);
  if (header.state === 'committed') return parseCommitted(header, header.token, rest);
  return header.state === 'vacant' && rest.length === 0 ? { state: 'vacant', token: header.token } : undefined;
}

/** Bytes of all objects of an image. */
export function sizeOf(objects: RecordedObjects): number {
  return [...objects.values()].reduce((sum, { size }) => sum + size, 0);
}

function parseWriting(header: JsonFields, token: string, rest: Uint8Array): WritingRecord | undefined {
  const { startedAt, renewedAt } = header;
  const adopted = parseObjects(header.adopted);
  if (!isCount(startedAt) || !isCount(renewedAt) || adopted === undefined || rest.length > 0) return undefined;
  return { state: 'writing', token, startedAt, renewedAt, adopted };
}

function parseCommitted(header: JsonFields, token: string, rest: Uint8Array): CommittedRecord | undefined {
  const { committedAt, manifest: size } = header;
  const objects = parseObjects(header.objects);
  if (!isCount(committedAt) || !isCount(size) || objects === undefined || rest.length > size) return undefined;
  return { state: 'committed', token, committedAt, objects, manifest: rest.length === size ? rest : undefined };
}

function parseObjects(value: unknown): RecordedObjects | undefined {
  if (!isObject(value)) return undefined;
  const objects = new Map<string, RecordedObject>();
  for (const [name, object] of Object.entries(value)) {
    if (!isPartName(name) || !isObject(object)) return undefined;
    const { key, size } = object;
    // The name in the key is the one that the image had it under that put it: an adopted object keeps its name.
    if (typeof key !== 'string' || parseObjectKey(key)?.name !== name || !isCount(size)) return undefined;
    objects.set(name, { key, size });
  }
  return objects;
}

type JsonFields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isPartName(name: string): boolean {
  try {
    checkPartName(name);
    return true;
  } catch {
    return false;
  }
}

function line(fields: object): Buffer {
  return Buffer.from(`${JSON.stringify(fields)}\n`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
