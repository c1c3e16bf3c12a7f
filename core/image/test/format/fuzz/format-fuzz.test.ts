// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { hashOf } from '../../../src/chunk/chunk-hash.js';
import { canonicalJson } from '../../../src/format/canonical-json.js';
import { checkTable } from '../../../src/format/check-table.js';
import { NO_PACK, ROW_BYTES, readRow } from '../../../src/format/chunk-row.js';
import { dataBytes } from '../../../src/format/data-bytes.js';
import { encodeManifest } from '../../../src/format/encode-manifest.js';
import type { HashName, ImageManifest } from '../../../src/format/image-manifest.js';
import { FOOTER_BYTES, parseFooter, parseIndex } from '../../../src/format/pack-footer.js';
import { ENTRY_BYTES, readEntry } from '../../../src/format/pack-index.js';
import { parseManifest } from '../../../src/format/parse-manifest.js';
import { partDigest, tableDigest } from '../../../src/format/table-digest.js';
import { objectsOf, sampleImage } from '../sample-image.js';
import { SAMPLE_FACTS, SAMPLE_PACKS, SAMPLE_PARTS } from '../sample-parts.js';
import { Seeded } from '../seeded.js';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz-runs.js';
import { mutateBytes, oddNumber } from './mutate-bytes.js';
import { mutateJson } from './mutate-json.js';

const NEVER = new AbortController().signal;

/** The corpus: the images of the vectors. */
const IMAGES = (['blake3', 'sha256'] as const).map((hash: HashName) => {
  const image = sampleImage(hash, SAMPLE_FACTS, SAMPLE_PARTS, SAMPLE_PACKS);
  return { ...image, objects: objectsOf(image) };
});

describe('image: fuzzed format', function () {
  this.timeout(FUZZ_TIMEOUT_MS);

  it('manifest: a coded error or a manifest', async () => {
    await fuzz('manifest', (seed) => {
      const random = new Seeded(seed);
      const { manifest, objects } = random.of(IMAGES);
      const changed = Buffer.from(`${canonicalJson(mutateJson(manifest, random))}\n`);
      const bytes = random.below(3) === 0 ? mutateBytes(objects.get('manifest.json')!, random) : changed;
      const parsed = parseManifest(bytes);
      // What is taken is safe to follow.
      assert.ok(encodeManifest(parsed).equals(bytes));
      let rows = 0;
      for (const { name, rows: range } of parsed.parts) {
        assert.match(name, /^\w[\w.-]*(\/\w[\w.-]*)*$/);
        assert.equal(range[0], rows);
        rows += range[1];
      }
      assert.equal(rows, parsed.table.rows);
      assert.ok(rows * ROW_BYTES < 2 ** 30);
      for (const { name, size } of parsed.packs) assert.ok(/^pk-\w{26}$/.test(name) && size <= 2 ** 30);
      assert.equal(({} as Record<string, unknown>).a, undefined);
    });
  });

  it('table: a coded error, or rows that all can be followed', async () => {
    await fuzz('table', async (seed) => {
      const random = new Seeded(seed);
      const image = random.of(IMAGES);
      const { manifest, table } = fuzzedTable(image.manifest, image.table, random);
      await checkTable(manifest, table, NEVER);
      for (const { name, size, rows } of manifest.parts) {
        let sum = 0;
        for (let index = rows[0]; index < rows[0] + rows[1]; index++) {
          const row = readRow(table, index);
          sum += row.length;
          assert.ok(row.length > 0 && (row.length % 4096 === 0 || index === rows[0] + rows[1] - 1), name);
          if (row.pack === NO_PACK) continue;
          const data = dataBytes(row.length, row.zeros);
          assert.ok(row.length <= 131_072 && data > 0 && row.stored > 0 && row.stored <= data, name);
          assert.ok(row.offset + row.stored <= manifest.packs[row.pack]!.size, name);
          assert.ok(row.codec !== 0 || row.check === 0, name);
        }
        assert.equal(sum, size, name);
      }
    });
  });

  it('pack index: a coded error, or chunks that all lie in the pack', async () => {
    await fuzz('pack index', (seed) => {
      const random = new Seeded(seed);
      const image = random.of(IMAGES);
      const bytes = fuzzedPack(image.manifest.hash, random.of([...image.packs.values()]), random);
      const size = random.below(20) === 0 ? oddNumber(random, bytes.length) : bytes.length;
      const footer = parseFooter('pk-x', size, bytes.subarray(Math.max(0, bytes.length - FOOTER_BYTES)));
      assert.ok(footer.entries * ENTRY_BYTES <= size);
      const { entries, end } = parseIndex('pk-x', size, footer, bytes.subarray(footer.indexOffset));
      let next = 0;
      for (let index = 0; index < footer.entries; index++) {
        const { offset, stored, data, codec, check } = readEntry(entries, index);
        assert.ok(codec <= 2 && (codec !== 0 || check === 0));
        assert.ok(offset === next && stored > 0 && stored <= data && data <= 131_072);
        next = offset + stored;
      }
      assert.ok(next === end && end <= footer.indexOffset);
    });
  });
});

/** A table with changes in a few rows, mostly with digests that fit. */
function fuzzedTable(
  manifest: ImageManifest,
  good: Buffer,
  random: Seeded,
): { manifest: ImageManifest; table: Buffer } {
  if (random.below(8) === 0) return { manifest, table: mutateBytes(good, random) };
  const table = Buffer.from(good);
  for (let change = 0, changes = 1 + random.below(3); change < changes; change++) {
    const row = random.below(manifest.table.rows) * ROW_BYTES;
    const field = row + random.of([0, 28, 32, 32, 36, 36, 40, 44, 48, 52, 52]);
    if (random.below(6) === 0) table.copy(table, row, random.below(manifest.table.rows) * ROW_BYTES, row + ROW_BYTES);
    else table.writeUInt32LE(oddNumber(random, table.readUInt32LE(field)), field);
  }
  const { hash } = manifest;
  const parts = manifest.parts.map((part) => {
    const [first, count] = part.rows;
    let size = 0;
    for (let row = first; row < first + count; row++) size += table.readUInt32LE(row * ROW_BYTES + 32);
    return { ...part, size: random.below(8) === 0 ? part.size : size, digest: partDigest(hash, table, first, count) };
  });
  return { manifest: { ...manifest, parts, table: { ...manifest.table, digest: tableDigest(hash, table) } }, table };
}

/** A pack with changes in index or footer, mostly with a digest that fits. */
function fuzzedPack(hash: HashName, good: Buffer, random: Seeded): Buffer {
  const footer = good.length - FOOTER_BYTES;
  const indexOffset = Number(good.readBigUInt64LE(footer + 16));
  const bytes = Buffer.from(good);
  const count = bytes.readUInt32LE(footer + 12);
  switch (random.below(5)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, indexOffset), mutateBytes(bytes.subarray(indexOffset), random)]);
    case 1: {
      const field = footer + random.of([0, 4, 8, 12, 16, 20, 24, 28, 32]);
      bytes.writeUInt32LE(oddNumber(random, bytes.readUInt32LE(field)), field);
      break;
    }
    default:
      for (let change = 0, changes = 1 + random.below(2); change < changes; change++) {
        const field = indexOffset + random.below(count) * ENTRY_BYTES + random.of([0, 32, 36, 40, 44]);
        bytes.writeUInt32LE(oddNumber(random, bytes.readUInt32LE(field)), field);
      }
  }
  const entries = bytes.readUInt32LE(footer + 12) * ENTRY_BYTES;
  if (indexOffset + entries <= footer)
    hashOf(hash, bytes.subarray(indexOffset, indexOffset + entries)).copy(bytes, footer + 32);
  return bytes;
}
