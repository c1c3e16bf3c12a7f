// SPDX-License-Identifier: Apache-2.0
import { NO_PACK, ROW_BYTES } from '../format/chunk-row.js';
import { inLanes } from '../stream/in-lanes.js';
import type { KnownChunks } from './known-chunks.js';
import type { PackControl } from './pack-control.js';
import type { PackCrew } from './pack-crew.js';
import type { UsedPack } from './packed-image.js';

/** Rows that go to a thread at a time: 3.5 MiB, whose copy nobody notices. */
const SLICE_ROWS = 64 * 1024;

/**
 * Has the threads remember the chunks of images that are known, by the rows of their tables: no byte of a pack is read. They are
 * believed for now, because every byte that is used is verified before the image counts. Tables of another hash are of no use.
 * Returns the packs by number. Errors: GRIT_ABORTED; GRIT_INTERNAL when a thread died.
 */
export async function rememberKnown(
  crew: PackCrew,
  control: PackControl,
  { packs, tables }: KnownChunks,
): Promise<Map<number, UsedPack>> {
  const { hash, limits } = crew.setup;
  const numbers = packs.map(() => control.nextNumber());
  for (const { table, places } of tables.filter((known) => known.hash === hash)) {
    const numberOf = places.map((place) => numbers[place] ?? NO_PACK);
    const slices = Math.ceil(table.length / (SLICE_ROWS * ROW_BYTES));
    await inLanes(slices, limits.threads, async (slice) => {
      const at = slice * SLICE_ROWS * ROW_BYTES;
      // A copy: the table stays its reader's.
      const rows = new Uint8Array(table.subarray(at, at + SLICE_ROWS * ROW_BYTES)).buffer;
      await crew.run({ kind: 'known', rows, numbers: numberOf }, { transfer: [rows] });
    });
  }
  return new Map(packs.map((pack, at) => [numbers[at] ?? NO_PACK, { ...pack, own: false }]));
}
