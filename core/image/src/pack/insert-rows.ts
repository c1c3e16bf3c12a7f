// SPDX-License-Identifier: Apache-2.0
import { NO_PACK, ROW_BYTES, readRow } from '../format/chunk-row.js';
import { dataBytes } from '../format/data-bytes.js';
import type { ChunkPacker } from './chunk-packer.js';
import type { PackWork } from './pack-request.js';

/** Rows between two looks at whether anybody still wants it. */
const CHECK_ROWS = 4096;

/** Remembers the chunks of rows of another image, as far as their packs have a number here. */
export function insertRows(packer: ChunkPacker, { rows, numbers }: Extract<PackWork, { kind: 'known' }>): void {
  const table = Buffer.from(rows);
  for (let index = 0; index * ROW_BYTES < table.length; index++) {
    if (index % CHECK_ROWS === 0) packer.check();
    const row = readRow(table, index);
    const pack = numbers[row.pack];
    // A hole has no pack, and some packs are not held.
    if (pack === undefined || pack === NO_PACK) continue;
    packer.index.insert(row.hash as Buffer, dataBytes(row.length, row.zeros), { ...row, pack }, true);
  }
}
