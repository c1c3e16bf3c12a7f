// SPDX-License-Identifier: Apache-2.0
import { crc32 } from 'node:zlib';
import { GritError, PAGE_BYTES, type ErrorCode } from '@grit/plugin-api';
import { hashOf } from '../../src/chunk/chunk-hash.js';
import { Decoder } from '../../src/codec/decoder.js';
import { checkTable } from '../../src/format/check-table.js';
import { NO_PACK, ROW_BYTES, readRow, type ChunkRow } from '../../src/format/chunk-row.js';
import { dataBytes } from '../../src/format/data-bytes.js';
import type { ImageManifest, ManifestPack } from '../../src/format/image-manifest.js';
import { FOOTER_BYTES, parseFooter, parseIndex } from '../../src/format/pack-footer.js';
import { packDamage } from '../../src/format/pack-damage.js';
import { parseManifest, parseSealed, parseStored } from '../../src/format/parse-manifest.js';
import { SAMPLE_KEY, decryptAt, unsealBytes, unwrapKey } from './sample-encryption.js';

const NEVER = new AbortController().signal;

/** Reads an image whole, the way FORMAT.md says, with all that is to be checked: the simplest reader. Returns the parts by name. */
export async function readVector(objects: ReadonlyMap<string, Buffer>): Promise<Map<string, Buffer>> {
  const { manifest, keys } = opened(object(objects, 'manifest.json'));
  const rows = object(objects, 'rows');
  // What is too short for its seal is cut; see the vector.
  if (keys !== undefined && rows.length !== manifest.table.rows * ROW_BYTES + 28) {
    throw new GritError('GRIT_IMAGE_PART_TRUNCATED', 'the table has another size');
  }
  const table = keys === undefined ? rows : clear('the table', () => unsealBytes(keys.dataKey, 'table', rows));
  await checkTable(manifest, table, NEVER);
  const packs = manifest.packs.map((pack, index) => ({
    bytes: checkPack(manifest, pack, object(objects, `packs/${pack.name}`), keys?.packs[index]),
    key: keys?.packs[index],
  }));
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

interface Keys {
  readonly dataKey: Buffer;
  readonly packs: readonly Buffer[];
}

function opened(bytes: Buffer): { readonly manifest: ImageManifest; readonly keys?: Keys } {
  const { envelope } = parseStored(bytes);
  if (envelope === undefined) return { manifest: parseManifest(bytes) };
  const { keyId, wrapped } = envelope.key;
  if (keyId !== SAMPLE_KEY.id) throw new GritError('GRIT_KEY_UNKNOWN', keyId);
  const dataKey = clear('the data key', () => unwrapKey(Buffer.from(wrapped)), 'GRIT_KEY_WRONG');
  const sealed = Buffer.from(envelope.sealed);
  const inner = clear('it', () => unsealBytes(dataKey, 'manifest', sealed), 'GRIT_IMAGE_MANIFEST_INVALID');
  const { manifest, packKeys } = parseSealed(inner);
  if (manifest.checkpoint !== envelope.checkpoint) throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', 'another image');
  return {
    manifest: { ...manifest, encryption: { keyId } },
    keys: { dataKey, packs: packKeys.map((key) => Buffer.from(key)) },
  };
}

/** What was decrypted; what cannot be is damage. */
function clear(what: string, decrypt: () => Buffer, code: ErrorCode = 'GRIT_IMAGE_PART_CORRUPT'): Buffer {
  try {
    return decrypt();
  } catch (error) {
    throw new GritError(code, `${what} cannot be decrypted`, { cause: error });
  }
}

interface Pack {
  readonly bytes: Buffer;
  readonly key?: Buffer | undefined;
}

function checkPack(
  manifest: ImageManifest,
  { name, size, index }: ManifestPack,
  bytes: Buffer,
  key: Buffer | undefined,
): Buffer {
  if (bytes.length !== size) throw packDamage('GRIT_IMAGE_PART_TRUNCATED', name, `has ${bytes.length} bytes`);
  const footer = parseFooter(name, size, bytes.subarray(size - FOOTER_BYTES));
  if (footer.hash !== manifest.hash || footer.digest !== index) {
    throw packDamage('GRIT_IMAGE_PART_CORRUPT', name, 'is another pack');
  }
  const { end } = parseIndex(name, size, footer, bytes.subarray(footer.indexOffset), key);
  if (bytes.subarray(end, footer.indexOffset).some((byte) => byte !== 0)) {
    throw packDamage('GRIT_IMAGE_PART_CORRUPT', name, 'has bytes after its chunks');
  }
  return bytes;
}

/** The bytes that a row stands for. */
function piece(manifest: ImageManifest, row: ChunkRow, packs: readonly Pack[]): Buffer {
  const bytes = Buffer.alloc(row.length);
  if (row.pack === NO_PACK) return bytes;
  const data = Buffer.alloc(dataBytes(row.length, row.zeros));
  const { bytes: pack, key } = packs[row.pack]!;
  const whole = pack.subarray(row.offset, row.offset + row.stored);
  const stored = key === undefined ? whole : clear('a chunk', () => decryptAt(key, 'chunk', row.offset, whole));
  const check = row.codec === 0 || key !== undefined ? 0 : crc32(stored) & 0xff_ffff;
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
