// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { MAX_HOLE_BYTES, NO_PACK, ROW_BYTES, readRow } from '../../src/format/chunk-row.js';
import { RowList } from '../../src/pack/row-list.js';

const HASH = Buffer.alloc(32, 7);
const PLACE = { pack: 3, offset: 4, stored: 5, codec: 1, check: 0xab_cdef };

describe('a list of rows', () => {
  const lengths = (rows: RowList): number[] =>
    Array.from({ length: rows.count }, (_, row) => readRow(rows.table, row).length);

  it('has what was added', () => {
    const rows = new RowList();
    for (let row = 0; row < 200; row++) rows.chunk(HASH, row + 1, 0xffff_fff0, { ...PLACE, pack: row });
    assert.deepEqual(
      { ...readRow(rows.table, 150), hash: HASH },
      { hash: HASH, length: 151, zeros: 0xffff_fff0, ...PLACE, pack: 150 },
    );
    assert.equal(rows.take().byteLength, 200 * ROW_BYTES);
    assert.equal(rows.count, 0);
  });

  it('joins holes, up to the largest and not over the beginning of a part', () => {
    const rows = new RowList();
    rows.hole(4096);
    rows.hole(4096);
    rows.chunk(HASH, 4096, 0, PLACE);
    rows.hole(MAX_HOLE_BYTES - 1);
    rows.hole(3 * 4096);
    rows.beginPart();
    rows.hole(4096);
    assert.deepEqual(lengths(rows), [8192, 4096, MAX_HOLE_BYTES, 3 * 4096 - 1, 4096]);
    assert.deepEqual(
      { ...readRow(rows.table, 0), hash: undefined },
      { hash: undefined, length: 8192, zeros: 0, pack: NO_PACK, offset: 0, stored: 0, codec: 0, check: 0 },
    );
  });

  it('joins holes of lists that are put together', () => {
    const piece = new RowList();
    piece.hole(4096);
    piece.chunk(HASH, 8192, 0, PLACE);
    piece.hole(12288);
    const rows = new RowList();
    rows.append(piece.table);
    rows.append(piece.table);
    rows.append(Buffer.alloc(0));
    assert.deepEqual(lengths(rows), [4096, 8192, 12288 + 4096, 8192, 12288]);
  });
});
