// SPDX-License-Identifier: Apache-2.0
import { ROW_BYTES, readRow, writeRow, type ChunkRow } from '../../src/format/chunk-row.js';
import type { ErrorCode } from '@grit/plugin-api';
import { canonicalJson } from '../../src/format/canonical-json.js';
import type { ImageManifest } from '../../src/format/image-manifest.js';
import { FOOTER_BYTES, packTail } from '../../src/format/pack-footer.js';
import { ENTRY_BYTES, readEntry, writeEntry, type PackEntry } from '../../src/format/pack-index.js';
import { partDigest, tableDigest } from '../../src/format/table-digest.js';
import type { SampleImage } from './sample-image.js';
import { TEXT_FRAME, TEXT_IDLE } from './sample-parts.js';

/** An image that must be refused. */
export interface BrokenVector {
  readonly name: string;
  readonly error: ErrorCode;
  /** What is wrong. */
  readonly why: string;
  /** The objects that differ from those of the good image; null: it has none of that name. */
  readonly objects: ReadonlyMap<string, Buffer | null>;
}

type Edit = Readonly<Record<string, unknown>>;

/** One image for each rule of FORMAT.md, broken in nothing but that rule: digests fit, unless it is them that are wrong. */
export function brokenVectors(image: SampleImage): readonly BrokenVector[] {
  const { manifest } = image;
  const [part] = manifest.parts;
  const parts = (first: Edit): Edit => ({ parts: [{ ...part, ...first }, ...manifest.parts.slice(1)] });
  const packs = (first: Edit): Edit => ({ packs: [{ ...manifest.packs[0], ...first }, ...manifest.packs.slice(1)] });
  const text = canonicalJson(manifest);
  const pages = manifest.parts.findIndex(({ name }) => name === 'criu/pages-1.img');
  const first = manifest.parts[pages]?.rows[0] ?? 0;
  const CORRUPT = 'GRIT_IMAGE_PART_CORRUPT';
  const TRUNCATED = 'GRIT_IMAGE_PART_TRUNCATED';
  const row = (name: string, why: string, index: number, edit: Partial<ChunkRow>): BrokenVector =>
    broken(`row-${name}`, CORRUPT, why, { rows: null, ...withRow(image, index, edit) });
  return [
    ...[
      ['newer-version', 'a later version of the format', { version: 3 }],
      ['older-version', 'an earlier version of the format', { version: 1 }],
      ['feature', 'requires names a feature that is not known', { requires: ['deltas'] }],
      ['encrypted', 'it is encrypted', { encryption: { scheme: 'x' } }],
      ['requires', 'it says that it is encrypted, and is not', { requires: ['aes-256-gcm'] }],
      ['hash', 'a hash that is not known', { hash: 'md5' }],
      ['part-outside', 'the name of a part leads out', parts({ name: '../core-1.img' })],
      ['part-kind', 'a kind of part that is not known', parts({ kind: 'code' })],
      ['part-field', 'a field of a part that is not known', parts({ path: '/etc' })],
      ['part-order', 'parts are not sorted', { parts: [...manifest.parts].reverse() }],
      ['part-rows', 'rows of parts do not follow each other', parts({ rows: [1, 1] })],
      ['part-no-rows', 'bytes without a row', parts({ rows: [0, 0] })],
      ['part-below-part', 'a part is the directory of another', parts({ name: 'criu' })],
      ['part-digest', 'a digest of another hash', parts({ digest: `sha256:${'0'.repeat(64)}` })],
      ['pack-outside', 'the name of a pack leads out', packs({ name: 'pk-/../../000000000000000000000' })],
      ['pack-twice', 'two packs of one name', packs({ name: manifest.packs[1]?.name })],
      ['pack-size', 'a pack that does not end at a multiple of 4096', packs({ size: 8193 })],
      ['rows-too-many', 'more rows in the table than in the parts', { table: { ...manifest.table, rows: 1000 } }],
    ].map(([name, why, edit]) => brokenManifest(name as string, why as string, text, edit as Edit)),
    broken('manifest-missing', 'GRIT_IMAGE_MANIFEST_MISSING', 'no manifest', { 'manifest.json': null }),
    broken('manifest-cut', 'GRIT_IMAGE_MANIFEST_INVALID', 'the manifest ends early', {
      'manifest.json': Buffer.from(text.slice(0, 200)),
    }),
    broken('manifest-spaced', 'GRIT_IMAGE_MANIFEST_INVALID', 'JSON that is not canonical', {
      'manifest.json': Buffer.from(`${JSON.stringify(JSON.parse(text), undefined, 1)}\n`),
    }),
    broken('manifest-no-line-feed', 'GRIT_IMAGE_MANIFEST_INVALID', 'no line feed at the end', {
      'manifest.json': Buffer.from(text),
    }),

    broken('table-missing', 'GRIT_IMAGE_PART_MISSING', 'no table', { rows: null }),
    broken('table-cut', TRUNCATED, 'a row too few', { rows: image.table.subarray(0, -ROW_BYTES) }),
    broken('table-longer', TRUNCATED, 'a byte too many', { rows: Buffer.concat([image.table, Buffer.alloc(1)]) }),
    broken('table-flipped', CORRUPT, 'another digest', { rows: flipped(image.table, 0) }),
    row('empty', 'a row of no bytes', first, { length: 0 }),
    row('too-long', 'a chunk of more than 128 KiB', first, { length: 128 * 1024 + 4096 }),
    row('ragged', 'part of a page, and not the last row', first, { length: 128 * 1024 - 1 }),
    row('no-data', 'only pages of zeros, and no hole', first, { zeros: 0xffff_ffff }),
    row('zeros-outside', 'a zero page after the last page', first + 2, { zeros: 4 }),
    row('no-such-pack', 'a pack that is not in the list', first, { pack: 2 }),
    row('outside-pack', 'after the end of its pack', first, { offset: 0xffff_f000 }),
    row('codec', 'a codec that is not known', first, { codec: 3 }),
    row('raw-check', 'a raw chunk with a check', first, { check: 1 }),
    row('stored-none', 'no stored bytes', first + 2, { stored: 0 }),
    row('stored-more', 'more stored bytes than data', first + 2, { stored: 8193 }),
    row('raw-less', 'fewer raw bytes than data', first, { stored: 100 }),
    row('hole-hash', 'a hole with a hash', first + 1, { hash: Buffer.alloc(32, 1) }),
    row('hole-stored', 'a hole with stored bytes', first + 1, { stored: 1 }),
    row('hole-check', 'a hole with a check', first + 1, { check: 0x80_0000 }),
    row('hole-too-long', 'a hole of more than 1 GiB', first + 1, { length: 1024 * 1024 * 1024 + 4096 }),
    row('sum', 'rows that are longer than the part', first + 1, { length: 256 * 1024 + 4096 }),
    row('wrong-offset', 'another place in the pack', first, { offset: 1 }),
    row('wrong-check', 'another check than that of the stored bytes', first + 2, { check: 0 }),
    row('wrong-codec', 'zstd that is called planes', first + 2, { codec: 2 }),
    broken('row-part-digest', CORRUPT, 'rows that are not those of the part', {
      ...withRow(image, first + 1, { length: 512 * 1024 }, false),
    }),

    ...brokenPacks(image),
  ];
}

function brokenPacks(image: SampleImage): readonly BrokenVector[] {
  const [name = '', bytes = Buffer.alloc(0)] = [...image.packs][0] ?? [];
  const object = `packs/${name}`;
  const size = bytes.length;
  const CORRUPT = 'GRIT_IMAGE_PART_CORRUPT';
  const indexOffset = Number(bytes.readBigUInt64LE(size - FOOTER_BYTES + 16));
  const pack = (title: string, why: string, replacement: Buffer): BrokenVector =>
    broken(`pack-${title}`, CORRUPT, why, { [object]: replacement });
  const entry = (title: string, why: string, index: number, edit: (entry: PackEntry) => Partial<PackEntry>) =>
    broken(`entry-${title}`, CORRUPT, why, withEntry(image, name, index, edit));
  return [
    broken('pack-missing', 'GRIT_IMAGE_PART_MISSING', 'a pack is not there', { [object]: null }),
    broken('pack-cut', 'GRIT_IMAGE_PART_TRUNCATED', 'a pack ends early', { [object]: bytes.subarray(0, size - 4096) }),
    pack('chunk', 'a chunk with a wrong bit', flipped(bytes, 10)),
    pack('padding', 'a bit between chunks and index', flipped(bytes, indexOffset - 1)),
    pack('index', 'a wrong bit in the index', flipped(bytes, indexOffset + 3)),
    pack('index-padding', 'a bit between index and footer', flipped(bytes, size - FOOTER_BYTES - 1)),
    ...[
      ['magic', 0, 'another magic'],
      ['version', 8, 'a version that is not known'],
      ['hash', 10, 'a hash that is not known'],
      ['reserved', 11, 'a byte that is 0'],
      ['entries', 12, 'another number of entries'],
      ['offset', 16, 'an index elsewhere'],
      ['far-offset', 23, 'an index far behind the end'],
      ['zeros', 31, 'another byte that is 0'],
      ['digest', 32, 'another digest'],
    ].map(([title, at, why]) =>
      pack(`footer-${String(title)}`, String(why), flipped(bytes, size - FOOTER_BYTES + Number(at), 7)),
    ),
    entry('gap', 'a gap between two chunks', 1, ({ offset }) => ({ offset: offset + 1 })),
    entry('overlap', 'two chunks that overlap', 1, ({ offset }) => ({ offset: offset - 1 })),
    entry('no-data', 'a chunk of no data', 0, () => ({ data: 0 })),
    entry('too-much-data', 'a chunk of more than 128 KiB', 0, () => ({ data: 128 * 1024 + 1, codec: 1 })),
    entry('codec', 'a codec that is not known', 0, () => ({ codec: 3 })),
    entry('raw-less', 'fewer raw bytes than data', 0, ({ data }) => ({ data: data + 1 })),
    entry('raw-check', 'a raw chunk with a check', 0, () => ({ check: 0x100 })),
    idleBit(image),
  ];
}

/** A bit of a frame that changes nothing of the data: only the check tells. */
function idleBit({ packs }: SampleImage): BrokenVector {
  for (const [name, bytes] of packs) {
    const at = bytes.indexOf(TEXT_FRAME);
    if (at < 0) continue;
    const objects = { [`packs/${name}`]: flipped(bytes, at + TEXT_IDLE.byte, TEXT_IDLE.bit) };
    return broken('pack-idle-bit', 'GRIT_IMAGE_PART_CORRUPT', 'a wrong bit in a frame, and the same data', objects);
  }
  throw new Error('no pack has the text');
}

export function broken(
  name: string,
  error: ErrorCode,
  why: string,
  objects: Readonly<Record<string, Buffer | null>>,
): BrokenVector {
  return { name, error, why, objects: new Map(Object.entries(objects)) };
}

function brokenManifest(name: string, why: string, text: string, edit: Edit): BrokenVector {
  const manifest = Buffer.from(`${canonicalJson({ ...(JSON.parse(text) as Edit), ...edit })}\n`);
  return broken(`manifest-${name}`, 'GRIT_IMAGE_MANIFEST_INVALID', why, { 'manifest.json': manifest });
}

/** Changes a row; with digests that fit. */
function withRow(
  { manifest, table }: SampleImage,
  index: number,
  edit: Partial<ChunkRow>,
  fit = true,
): Record<string, Buffer> {
  const rows = Buffer.from(table);
  writeRow(rows, index, { ...readRow(Buffer.from(table), index), ...edit });
  const parts = manifest.parts.map((part) => {
    const [first, count] = part.rows;
    const size = part.name === 'criu/pages-1.img' && !fit ? part.size + 256 * 1024 : part.size;
    return { ...part, size, digest: fit ? partDigest(manifest.hash, rows, first, count) : part.digest };
  });
  return {
    rows,
    ...manifestWith(manifest, { table: { ...manifest.table, digest: tableDigest(manifest.hash, rows) }, parts }),
  };
}

/** Changes an entry of a pack's index; with digests that fit. */
function withEntry(
  { manifest, packs }: SampleImage,
  name: string,
  index: number,
  edit: (entry: PackEntry) => Partial<PackEntry>,
): Record<string, Buffer> {
  const bytes = packs.get(name) ?? Buffer.alloc(0);
  const footer = bytes.length - FOOTER_BYTES;
  const indexOffset = Number(bytes.readBigUInt64LE(footer + 16));
  const end = indexOffset + bytes.readUInt32LE(footer + 12) * ENTRY_BYTES;
  const entries = Buffer.from(bytes.subarray(indexOffset, end));
  const entry = readEntry(entries, index);
  writeEntry(entries, index, { ...entry, hash: Buffer.from(entry.hash), ...edit(entry) });
  const tail = packTail(manifest.hash, indexOffset, entries);
  const listed = manifest.packs.map((pack) => (pack.name === name ? { ...pack, index: tail.digest } : pack));
  return {
    [`packs/${name}`]: Buffer.concat([bytes.subarray(0, indexOffset), tail.bytes]),
    ...manifestWith(manifest, { packs: listed }),
  };
}

function manifestWith(manifest: ImageManifest, edit: Partial<ImageManifest>): Record<string, Buffer> {
  return { 'manifest.json': Buffer.from(`${canonicalJson({ ...manifest, ...edit })}\n`) };
}

export function flipped(bytes: Buffer, at: number, bits = 1): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ bits;
  return copy;
}
