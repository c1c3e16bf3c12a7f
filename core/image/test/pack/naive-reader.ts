// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PAGE_BYTES } from '@grit/plugin-api';
import { hashOf } from '../../src/chunk/chunk-hash.js';
import { Decoder } from '../../src/codec/decoder.js';
import { NO_PACK, readRow } from '../../src/format/chunk-row.js';
import { dataBytes } from '../../src/format/data-bytes.js';
import { parseFooter, parseIndex } from '../../src/format/pack-footer.js';
import { readEntry } from '../../src/format/pack-index.js';
import { partDigest } from '../../src/format/table-digest.js';
import type { PackedImage } from '../../src/pack/packed-image.js';

/** Reads all parts of a packed image, slowly and with every check that there is; packs of other images lie in `others`. */
export async function readPacked(
  directory: string,
  image: PackedImage,
  others = directory,
): Promise<Map<string, Buffer>> {
  const packs = await Promise.all(
    image.packs.map(async ({ name, size, index, own }) => {
      const bytes = await readFile(join(own ? directory : others, name));
      assert.equal(bytes.length, size);
      const footer = parseFooter(name, size, bytes.subarray(-64));
      assert.equal(footer.digest, index);
      assert.equal(footer.hash, image.hash);
      const { entries } = parseIndex(name, size, footer, bytes.subarray(footer.indexOffset));
      const byOffset = new Map(
        Array.from({ length: footer.entries }, (_, at) => readEntry(entries, at)).map((entry) => [entry.offset, entry]),
      );
      return { bytes, byOffset };
    }),
  );
  const decoder = new Decoder();
  const chunkOf = (row: number): Buffer => {
    const { hash, length, zeros, pack, offset, stored, codec, check } = readRow(image.table, row);
    if (pack === NO_PACK) return Buffer.alloc(length);
    const data = Buffer.alloc(dataBytes(length, zeros));
    const { bytes, byOffset } = packs[pack]!;
    const found = bytes.subarray(offset, offset + stored);
    assert.equal(check, codec === 0 ? 0 : crc32(found) & 0xff_ffff);
    decoder.decode(codec, found, data);
    assert.deepEqual(hashOf(image.hash, data), Buffer.from(hash));
    const entry = byOffset.get(offset)!;
    assert.deepEqual(
      { ...entry, hash: Buffer.from(entry.hash) },
      { hash: Buffer.from(hash), offset, stored, data: data.length, codec, check },
    );
    return spread(data, length, zeros);
  };
  const parts = new Map<string, Buffer>();
  let next = 0;
  for (const { name, size, rows, digest } of image.parts) {
    const [first, count] = rows;
    assert.equal(first, next);
    next += count;
    const bytes = Buffer.concat(Array.from({ length: count }, (_, row) => chunkOf(first + row)));
    assert.equal(bytes.length, size);
    assert.equal(partDigest(image.hash, image.table, first, count), digest);
    parts.set(name, bytes);
  }
  assert.equal(next * 56, image.table.length);
  return parts;
}

function spread(data: Buffer, length: number, zeros: number): Buffer {
  const pages = Buffer.alloc(length);
  let from = 0;
  for (let page = 0; page * PAGE_BYTES < length; page++) {
    if ((zeros >>> page) & 1) continue;
    from += data.copy(pages, page * PAGE_BYTES, from, from + Math.min(PAGE_BYTES, length - page * PAGE_BYTES));
  }
  return pages;
}
