// SPDX-License-Identifier: Apache-2.0
import { crc32 } from 'node:zlib';
import { GritError, PAGE_BYTES } from '@grit/plugin-api';
import { hashOf } from '../../src/chunk/chunk-hash.js';
import { Decoder } from '../../src/codec/decoder.js';
import { checkTable } from '../../src/format/check-table.js';
import { NO_PACK, readRow, type ChunkRow } from '../../src/format/chunk-row.js';
import { dataBytes } from '../../src/format/data-bytes.js';
import type { ImageManifest, ManifestPack } from '../../src/format/image-manifest.js';
import { FOOTER_BYTES, parseFooter, parseIndex } from '../../src/format/pack-footer.js';
import { packDamage } from '../../src/format/pack-damage.js';
import { parseManifest } from '../../src/format/parse-manifest.js';

const NEVER = new AbortController().signal;

/** Reads an image whole, the way FORMAT.md says, with all that is to be checked: the simplest reader. Returns the parts by name. */
export async function readVector(objects: ReadonlyMap<string, Buffer>): Promise<Map<string, Buffer>> {
  const manifest = parseManifest(object(objects, 'manifest.json'));
  const table = object(objects, 'rows');
  await checkTable(manifest, table, NEVER);
  const packs = manifest.packs.map((pack) => checkPack(manifest, pack, object(objects, `packs/${pack.name}`)));
  return new Map(
    manifest.parts.map(({ name, rows: [first, count] }) => {
      const rows = Array.from({ length: count }, (_, index) => readRow(table, first + index));
      return [name, Buffer.concat(rows.map((row) => piece(manifest, row, packs)))];
    }),
  );
}

function object(objects: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const bytes = objects.get(name);
  if (bytes === undefined) {
    const code = name === 'manifest.json' ? 'GRIT_IMAGE_MANIFEST_MISSING' : 'GRIT_IMAGE_PART_MISSING';
    throw new GritError(code, `no ${name}`);
  }
  return bytes;
}

function checkPack(manifest: ImageManifest, { name, size, index }: ManifestPack, bytes: Buffer): Buffer {
  if (bytes.length !== size) throw packDamage('GRIT_IMAGE_PART_TRUNCATED', name, `has ${bytes.length} bytes`);
  const footer = parseFooter(name, size, bytes.subarray(size - FOOTER_BYTES));
  if (footer.hash !== manifest.hash || footer.digest !== index) {
    throw packDamage('GRIT_IMAGE_PART_CORRUPT', name, 'is another pack');
  }
  const { end } = parseIndex(name, size, footer, bytes.subarray(footer.indexOffset));
  if (bytes.subarray(end, footer.indexOffset).some((byte) => byte !== 0)) {
    throw packDamage('GRIT_IMAGE_PART_CORRUPT', name, 'has bytes after its chunks');
  }
  return bytes;
}

/** The bytes that a row stands for. */
function piece(manifest: ImageManifest, row: ChunkRow, packs: readonly Buffer[]): Buffer {
  const bytes = Buffer.alloc(row.length);
  if (row.pack === NO_PACK) return bytes;
  const data = Buffer.alloc(dataBytes(row.length, row.zeros));
  const stored = packs[row.pack]!.subarray(row.offset, row.offset + row.stored);
  const check = row.codec === 0 ? 0 : crc32(stored) & 0xff_ffff;
  if (check !== row.check) throw new GritError('GRIT_IMAGE_PART_CORRUPT', 'a chunk has another check');
  try {
    new Decoder().decode(row.codec, stored, data);
  } catch (error) {
    throw new GritError('GRIT_IMAGE_PART_CORRUPT', 'a chunk cannot be decoded', { cause: error });
  }
  if (!hashOf(manifest.hash, data).equals(row.hash)) {
    throw new GritError('GRIT_IMAGE_PART_CORRUPT', 'a chunk has another hash');
  }
  let from = 0;
  for (let page = 0, at = 0; at < row.length; page++, at += PAGE_BYTES) {
    if ((row.zeros >>> page) & 1) continue;
    from += data.copy(bytes, at, from, Math.min(from + PAGE_BYTES, data.length));
  }
  return bytes;
}
