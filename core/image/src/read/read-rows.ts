// SPDX-License-Identifier: Apache-2.0
import { toGritError } from '@grit/plugin-api';
import { NO_PACK, readRow, type ChunkRow } from '../format/chunk-row.js';
import type { ManifestPart } from '../format/image-manifest.js';
import { abortError } from '../stream/until-aborted.js';
import { ChunkCalls } from './chunk-calls.js';
import { corruptChunk, isDamage, packDamageAt } from './chunk-damage.js';
import type { LoadedImage } from './loaded-image.js';
import { TASK_BYTES } from './plan-tasks.js';
import { ReadCall } from './read-call.js';
import { PLACE_NUMBERS } from './read-request.js';
import { rowBytes } from './run-tasks.js';

/** About how many bytes are handed out at a time. */
const WINDOW_BYTES = 1024 * 1024;

/** Rows of a part that follow each other and whose chunks lie near to each other in one pack. */
interface Window {
  readonly rows: Uint32Array;
  readonly pack: number;
  readonly start: number;
  readonly end: number;
  /** Logical bytes. */
  readonly length: number;
}

/** The bytes of a range of a part, which it has; in the order of the part, each checked. */
export async function* readRows(
  image: LoadedImage,
  part: ManifestPart,
  { start, end }: { readonly start: number; readonly end: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { table, places } = image;
  const call = new ReadCall(signal);
  const calls = new ChunkCalls(image, call);
  const last = part.rows[0] + part.rows[1];
  for (let row = places.rowAt(part, start); row < last && places.offset(row) < end;) {
    const at = places.offset(row);
    const first = readRow(table, row);
    if (first.pack === NO_PACK) {
      yield* zeros(Math.max(start, at), Math.min(end, at + first.length));
      row++;
      continue;
    }
    const window = windowAt(image, row, Math.min(last, places.rowAt(part, end - 1) + 1));
    const memory = await readWindow(call, calls, window, part);
    yield memory.subarray(Math.max(0, start - at), Math.min(window.length, end - at));
    row += window.rows.length;
  }
}

function* zeros(from: number, to: number): Generator<Uint8Array, void> {
  for (let at = from; at < to; at += WINDOW_BYTES) yield new Uint8Array(Math.min(WINDOW_BYTES, to - at));
}

function windowAt({ table }: LoadedImage, first: number, last: number): Window {
  const rows: number[] = [];
  const { pack, offset } = readRow(table, first);
  let [start, end, length] = [offset, offset, 0];
  for (let index = first; index < last && length < WINDOW_BYTES; index++) {
    const row: ChunkRow = readRow(table, index);
    const from = Math.min(start, row.offset);
    const to = Math.max(end, row.offset + row.stored);
    if (row.pack !== pack || to - from > TASK_BYTES) break;
    [start, end] = [from, to];
    length += row.length;
    rows.push(index);
  }
  return { rows: Uint32Array.from(rows), pack, start, end, length };
}

async function readWindow(call: ReadCall, calls: ChunkCalls, window: Window, part: ManifestPart): Promise<Uint8Array> {
  const { manifest, table, places } = calls.image;
  const { rows, pack, start, end, length } = window;
  const first = rows[0] ?? 0;
  const target = { to: { bytes: length }, places: new Float64Array(rows.length * PLACE_NUMBERS) };
  rows.forEach((row, index) => {
    target.places[index * PLACE_NUMBERS + 1] = places.offset(row) - places.offset(first);
  });
  let memory = new ArrayBuffer(0);
  try {
    await call.each([window], async () => {
      const reply = await calls.read({ pack, start, end, rows: rowBytes(table, rows) }, target);
      const [corrupt] = reply.corrupt;
      if (corrupt !== undefined) throw corruptChunk(manifest, places, table, rows[corrupt] ?? 0);
      memory = reply.memory ?? memory;
    });
  } catch (error) {
    if (call.signal.aborted) throw abortError(call.signal);
    if (isDamage(error) && error.details?.part !== part.name) throw packDamageAt(manifest, places, table, first, error);
    throw toGritError(error, 'GRIT_STORAGE_IO');
  }
  return new Uint8Array(memory);
}
