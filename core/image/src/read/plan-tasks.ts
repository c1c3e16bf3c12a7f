// SPDX-License-Identifier: Apache-2.0
import { NO_PACK, ROW_BYTES } from '../format/chunk-row.js';

/** Most bytes of a pack that are read at a time. */
export const TASK_BYTES = 4 * 1024 * 1024;

/** Most rows of a task; with chunks of {@link CHUNK_BYTES} that is what a task writes at most. */
const TASK_ROWS = 256;

/** Bytes between two chunks that are rather read than left out. */
const MAX_GAP_BYTES = 64 * 1024;

/** A range of a pack and the rows whose chunks lie in it, in the order of the pack; rows of one chunk follow each other. */
export interface ReadTask {
  readonly pack: number;
  readonly start: number;
  readonly end: number;
  readonly rows: Uint32Array;
}

/**
 * Plans how all chunks are read once, each pack from its beginning to its end.
 * @param skip rows that are not needed: those whose byte is not 0
 */
export function* planTasks(table: Buffer, packs: number, skip?: Uint8Array): Generator<ReadTask, void> {
  for (const { pack, rows } of byPack(table, packs, skip)) {
    // Rows of one chunk are neighbours then; at one offset there may be several only in an image that no writer of ours made.
    rows.sort((a, b) => at(table, a, OFFSET) - at(table, b, OFFSET) || at(table, a, STORED) - at(table, b, STORED));
    for (let from = 0; from < rows.length;) {
      const task = nextTask(table, rows, from);
      from += task.rows.length;
      yield { pack, ...task };
    }
  }
}

const PACK = 40;
const OFFSET = 44;
const STORED = 48;

function nextTask(table: Buffer, rows: Uint32Array, from: number): Pick<ReadTask, 'start' | 'end' | 'rows'> {
  const start = at(table, rows[from] ?? 0, OFFSET);
  let end = start;
  let to = from;
  for (; to < rows.length && to - from < TASK_ROWS; to++) {
    const row = rows[to] ?? 0;
    const offset = at(table, row, OFFSET);
    const ends = offset + at(table, row, STORED);
    if (to > from && (ends - start > TASK_BYTES || offset - end > MAX_GAP_BYTES)) break;
    end = Math.max(end, ends);
  }
  return { start, end, rows: rows.subarray(from, to) };
}

/** The rows with data, sorted by their pack. */
function* byPack(
  table: Buffer,
  packs: number,
  skip?: Uint8Array,
): Generator<{ readonly pack: number; readonly rows: Uint32Array }, void> {
  const wanted = (row: number): boolean => at(table, row, PACK) !== NO_PACK && (skip === undefined || skip[row] === 0);
  const count = table.length / ROW_BYTES;
  const ends = new Uint32Array(packs);
  const add = (pack: number, rows: number): number => (ends[pack] = (ends[pack] ?? 0) + rows);
  for (let row = 0; row < count; row++) if (wanted(row)) add(at(table, row, PACK), 1);
  for (let pack = 1; pack < packs; pack++) add(pack, ends[pack - 1] ?? 0);
  const sorted = new Uint32Array(ends.at(-1) ?? 0);
  // From the back: then the ends become the beginnings, and rows of one pack stay in their order.
  for (let row = count - 1; row >= 0; row--) if (wanted(row)) sorted[add(at(table, row, PACK), -1)] = row;
  for (let pack = 0; pack < packs; pack++) yield { pack, rows: sorted.subarray(ends[pack], ends[pack + 1]) };
}

function at(table: Buffer, row: number, field: number): number {
  return table.readUInt32LE(row * ROW_BYTES + field);
}
