// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NO_PACK, ROW_BYTES, readRow, writeRow, type ChunkRow } from '../../src/format/chunk-row.js';
import { TASK_BYTES, planTasks } from '../../src/read/plan-tasks.js';
import { RowPlaces } from '../../src/read/row-places.js';
import { runs } from '../some-data.js';

const PACKS = 4;
const PAGE = 4096;

const rowOf: fc.Arbitrary<ChunkRow> = fc.record({
  hash: fc.constant(Buffer.alloc(32)),
  length: fc.integer({ min: 1, max: 32 }).map((pages) => pages * PAGE),
  zeros: fc.constant(0),
  pack: fc.constantFrom(NO_PACK, 0, 1, 2),
  // Few places, so that some rows have the same chunk.
  offset: fc.nat(300).map((place) => place * 100_000),
  stored: fc.integer({ min: 1, max: 100_000 }),
  codec: fc.constant(1),
  check: fc.constant(0),
});

const tables = fc.array(rowOf, { maxLength: 700 }).map((rows) => {
  const table = Buffer.alloc(rows.length * ROW_BYTES);
  rows.forEach((row, index) => writeRow(table, index, row));
  return table;
});

describe('image: the order of reading', () => {
  it('has every row that is needed once, in pieces that fit into memory, each pack from front to back', () => {
    fc.assert(
      fc.property(tables, fc.nat(5), (table, every) => {
        const count = table.length / ROW_BYTES;
        const skip = Uint8Array.from({ length: count }, (_, row) => (every > 0 && row % every === 0 ? 1 : 0));
        const seen = new Uint8Array(count);
        let last = { pack: 0, offset: 0 };
        for (const task of planTasks(table, PACKS, skip)) {
          assert.ok(task.end - task.start <= TASK_BYTES && task.rows.length > 0);
          for (const index of task.rows) {
            const { pack, offset, stored } = readRow(table, index);
            assert.equal(pack, task.pack);
            assert.ok(offset >= task.start && offset + stored <= task.end);
            assert.ok(pack > last.pack || (pack === last.pack && offset >= last.offset));
            last = { pack, offset };
            seen[index] = (seen[index] ?? 0) + 1;
          }
        }
        for (let row = 0; row < count; row++) {
          const needed = skip[row] === 0 && readRow(table, row).pack !== NO_PACK;
          assert.equal(seen[row], needed ? 1 : 0, `row ${row}`);
        }
      }),
      runs(60),
    );
  });

  it('knows part and offset of every row, and the row of every offset', () => {
    const lengths = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(lengths, (all) => {
        const table = Buffer.alloc(all.flat().length * ROW_BYTES);
        let row = 0;
        const parts = all.map((rows, index) => {
          const first = row;
          for (const length of rows) table.writeUInt32LE(length, row++ * ROW_BYTES + 32);
          const size = rows.reduce((sum, length) => sum + length, 0);
          return {
            name: `part-${index}`,
            kind: 'memory' as const,
            size,
            rows: [first, rows.length] as const,
            digest: '',
          };
        });
        const places = new RowPlaces(parts, table);
        for (const part of parts) {
          let offset = 0;
          for (let at = part.rows[0]; at < part.rows[0] + part.rows[1]; at++) {
            assert.equal(places.part(at), part);
            assert.equal(places.offset(at), offset);
            const length = table.readUInt32LE(at * ROW_BYTES + 32);
            for (let byte = offset; byte < offset + length; byte++) assert.equal(places.rowAt(part, byte), at);
            offset += length;
          }
        }
      }),
      runs(60),
    );
  });
});
