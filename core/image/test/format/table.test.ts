// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError } from '@grit/plugin-api';
import { wrongRow } from '../../src/format/check-row.js';
import { checkTable } from '../../src/format/check-table.js';
import { NO_PACK, ROW_BYTES, readRow, writeRow } from '../../src/format/chunk-row.js';
import { dataBytes } from '../../src/format/data-bytes.js';
import type { HashName, ImageManifest } from '../../src/format/image-manifest.js';
import { partDigest, tableDigest } from '../../src/format/table-digest.js';
import { sampleImage } from './sample-image.js';
import { SAMPLE_FACTS, SAMPLE_PACKS, SAMPLE_PARTS } from './sample-parts.js';
import { SEED, Seeded } from './seeded.js';

const NEVER = new AbortController().signal;
const KIB128 = 128 * 1024;

/** A table of many rows of one part and a few parts of one row, and the manifest that fits. */
function largeTable(hash: HashName, rows: number, small: number): { manifest: ImageManifest; table: Buffer } {
  const table = Buffer.alloc(rows * ROW_BYTES);
  for (let index = 0; index < rows; index++) {
    const where = { pack: index % 2, offset: index % 1000, stored: 100, codec: 1, check: index };
    writeRow(table, index, { hash: Buffer.alloc(32, index), length: KIB128, zeros: index % 5, ...where });
  }
  const { manifest } = sampleImage(hash, SAMPLE_FACTS, SAMPLE_PARTS, SAMPLE_PACKS);
  const large = rows - small;
  const names = ['a', ...Array.from({ length: small }, (_, index) => `b/${String(index).padStart(6, '0')}`)];
  const parts = names.map((name, index) => {
    const [first, count] = index === 0 ? [0, large] : [large + index - 1, 1];
    const digest = partDigest(hash, table, first, count);
    return { name, kind: 'memory' as const, size: count * KIB128, rows: [first, count] as const, digest };
  });
  return { manifest: { ...manifest, parts, table: { rows, digest: tableDigest(hash, table) } }, table };
}

describe('image: check of a table', () => {
  for (const hash of ['blake3', 'sha256'] as const) {
    it(`passes a large one, turn by turn (${hash})`, async () => {
      const { manifest, table } = largeTable(hash, 120_000, 5000);
      let turns = 0;
      let other = setImmediate(function turn() {
        turns += 1;
        other = setImmediate(turn);
      });
      await checkTable(manifest, table, NEVER).finally(() => clearImmediate(other));
      assert.ok(turns > 3, 'nothing else had its turn');
      // A row in the last turn, of which only the digest tells.
      table.writeUInt8(99, 110_000 * ROW_BYTES);
      const wrong = { ...manifest, table: { ...manifest.table, digest: tableDigest(hash, table) } };
      await refused(wrong, table, { part: 'a' });
    }).timeout(60_000);
  }

  it('does not care where the table lies in memory', async () => {
    const { manifest, table } = largeTable('blake3', 100, 10);
    for (const shift of [0, 1, 2, 3, 8]) {
      const room = Buffer.alloc(table.length + shift);
      table.copy(room, shift);
      await checkTable(manifest, room.subarray(shift), NEVER);
      assert.equal(partDigest('blake3', room.subarray(shift), 0, 90), manifest.parts[0]?.digest);
    }
  });

  it('names part and row', async () => {
    const { manifest, table } = largeTable('blake3', 100, 10);
    table.writeUInt32LE(2, 95 * ROW_BYTES + 40);
    const wrong = { ...manifest, table: { ...manifest.table, digest: tableDigest('blake3', table) } };
    await refused(wrong, table, { part: 'b/000005', row: 95 });
  });

  it('ends when it is aborted', async () => {
    const { manifest, table } = largeTable('sha256', 100_000, 0);
    const abort = new AbortController();
    const check = checkTable(manifest, table, abort.signal);
    abort.abort();
    await assert.rejects(check, (error) => isGritError(error) && error.code === 'GRIT_ABORTED');
  });

  it('counts the data of a row as dataBytes does', () => {
    const random = new Seeded(SEED);
    for (let run = 0; run < 5000; run++) {
      const length = 1 + random.below(KIB128);
      const pages = Math.ceil(length / 4096);
      const some = random.of([0, 1, 2 ** 31, 0xffff_ffff, random.below(2 ** 32)]);
      const zeros = pages === 32 ? some : (some & (2 ** pages - 1)) >>> 0;
      const data = dataBytes(length, zeros);
      const table = Buffer.alloc(ROW_BYTES);
      const row = { hash: Buffer.alloc(32), length, zeros, pack: 0, offset: 0, check: 0 };
      writeRow(table, 0, { ...row, stored: data, codec: 0 });
      const about = `${length} bytes, zeros ${zeros.toString(2)}, seed ${SEED}`;
      assert.equal(wrongRow(table, 0, [KIB128]) === undefined, data > 0, about);
      writeRow(table, 0, { ...row, stored: data + 1, codec: 1 });
      assert.notEqual(wrongRow(table, 0, [2 * KIB128]), undefined, about);
    }
  });

  it('knows a hole by its pack alone', () => {
    const table = Buffer.alloc(ROW_BYTES);
    const nothing = { zeros: 0, offset: 0, stored: 0, codec: 0, check: 0 };
    const hole = { hash: Buffer.alloc(32), length: 5, pack: NO_PACK, ...nothing };
    writeRow(table, 0, hole);
    assert.equal(wrongRow(table, 0, []), undefined);
    for (const at of [0, 31, 36, 44, 48, 52, 53, 55]) {
      writeRow(table, 0, hole);
      table.writeUInt8(1, at);
      assert.match(wrongRow(table, 0, []) ?? '', /hole that has data/, `byte ${at}`);
    }
  });

  it('knows no check of raw bytes, and any of others', () => {
    const table = Buffer.alloc(ROW_BYTES);
    const row = { hash: Buffer.alloc(32), length: 4096, zeros: 0, pack: 0, offset: 0, stored: 4096 };
    for (const check of [1, 0x100, 0x80_0000, 0xff_ffff]) {
      writeRow(table, 0, { ...row, codec: 0, check });
      assert.match(wrongRow(table, 0, [KIB128]) ?? '', /raw and has a check/);
      writeRow(table, 0, { ...row, codec: 1, check });
      assert.equal(wrongRow(table, 0, [KIB128]), undefined);
      assert.equal(readRow(table, 0).check, check);
    }
  });
});

async function refused(
  manifest: ImageManifest,
  table: Buffer,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  await assert.rejects(checkTable(manifest, table, NEVER), (error) => {
    assert.ok(isGritError(error), String(error));
    assert.equal(error.code, 'GRIT_IMAGE_PART_CORRUPT');
    assert.deepEqual(error.details, { checkpoint: manifest.checkpoint, ...details });
    return true;
  });
}
