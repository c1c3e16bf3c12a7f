// SPDX-License-Identifier: Apache-2.0
import { ROW_BYTES } from '../format/chunk-row.js';
import type { LoadedImage } from './loaded-image.js';
import type { ReadCall } from './read-call.js';
import { readThreads } from './read-threads.js';

/** Rows and logical bytes that a thread looks at in one go. */
const TURN_ROWS = 64;
const TURN_BYTES = 64 * 1024 * 1024;

/** A file that may have something of a part. */
export interface BegunFile {
  /** Number of the part. */
  readonly part: number;
  readonly path: string;
}

/** Looks what files have already. Returns one of KEPT for each row of the table. */
export async function keptRowsOf(
  call: ReadCall,
  { manifest, table, places }: LoadedImage,
  files: Iterable<BegunFile>,
): Promise<Uint8Array> {
  const kept = new Uint8Array(manifest.table.rows);
  const turns = function* (): Generator<BegunFile & { readonly first: number; readonly end: number }, void> {
    for (const file of files) {
      const [from, count] = manifest.parts[file.part]?.rows ?? [0, 0];
      for (let first = from, end = from; first < from + count; first = end) {
        for (let bytes = 0; end < from + count && end - first < TURN_ROWS && bytes < TURN_BYTES; end++) {
          bytes += table.readUInt32LE(end * ROW_BYTES + 32);
        }
        yield { ...file, first, end };
      }
    }
  };
  await call.each(turns(), async ({ path, first, end }) => {
    const rows = Uint8Array.from(table.subarray(first * ROW_BYTES, end * ROW_BYTES));
    const offset = places.offset(first);
    const request = { kind: 'kept', hash: manifest.hash, stop: call.stop, path, offset, rows } as const;
    kept.set((await readThreads.call(request, [])).rows, first);
  });
  return kept;
}
