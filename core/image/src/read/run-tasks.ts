// SPDX-License-Identifier: Apache-2.0
import { ROW_BYTES } from '../format/chunk-row.js';
import { ChunkCalls } from './chunk-calls.js';
import type { ChunkCopies } from './chunk-copies.js';
import { corruptChunk, isDamage, packDamageAt } from './chunk-damage.js';
import type { LoadedImage } from './loaded-image.js';
import type { ReadTask } from './plan-tasks.js';
import type { ReadCall } from './read-call.js';
import type { ChunksTarget } from './read-request.js';

/** What happens with the chunks that tasks read. */
export interface TaskOptions {
  /** Where the data of these rows go. Without it they are only checked. */
  readonly targetOf?: ((rows: Uint32Array) => ChunksTarget) | undefined;
  /** Where damaged chunks may be found. */
  readonly copies?: ChunkCopies | undefined;
  /** Called when these rows are checked and at their place. */
  readonly onRows: (rows: Uint32Array) => Promise<void> | void;
}

/** Does the tasks in the threads. The first damaged chunk, in the order of the tasks, ends it, unless a copy has it. */
export async function runTasks(
  call: ReadCall,
  image: LoadedImage,
  tasks: Iterable<ReadTask>,
  { targetOf, copies, onRows }: TaskOptions,
): Promise<void> {
  const calls = new ChunkCalls(image, call);
  const run = async (task: ReadTask): Promise<void> => {
    const { damaged, error } = await readTask(calls, task, targetOf?.(task.rows));
    for (const row of damaged) {
      const one = Uint32Array.of(row);
      if (await copies?.read(rowBytes(image.table, one), targetOf?.(one))) continue;
      throw error ?? corruptChunk(image.manifest, image.places, image.table, row);
    }
    await onRows(task.rows);
  };
  await call.each(tasks, run, image.packs.lanes);
}

/** Bytes of these rows of a table, in memory of their own. */
export function rowBytes(table: Buffer, rows: Uint32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(rows.length * ROW_BYTES);
  rows.forEach((row, index) => {
    bytes.set(table.subarray(row * ROW_BYTES, (row + 1) * ROW_BYTES), index * ROW_BYTES);
  });
  return bytes;
}

async function readTask(
  calls: ChunkCalls,
  { pack, start, end, rows }: ReadTask,
  target?: ChunksTarget,
): Promise<{ readonly damaged: Iterable<number>; readonly error?: Error }> {
  const { manifest, places, table } = calls.image;
  try {
    const { corrupt } = await calls.read({ pack, start, end, rows: rowBytes(table, rows) }, target);
    return { damaged: corrupt.map((index) => rows[index] ?? 0) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { damaged: rows, error: packDamageAt(manifest, places, table, rows[0] ?? 0, error) };
  }
}
