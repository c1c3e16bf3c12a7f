// SPDX-License-Identifier: Apache-2.0
import { crc32 } from 'node:zlib';
import { PAGE_BYTES, type PartKind } from '@grit/plugin-api';
import { hashOf } from '../../src/chunk/chunk-hash.js';
import { packData, zeroMask } from '../../src/chunk/zero-pages.js';
import { splitWords } from '../../src/codec/byte-planes.js';
import { CODEC } from '../../src/codec/codec-ids.js';
import { NO_PACK, ROW_BYTES, writeRow, type ChunkRow } from '../../src/format/chunk-row.js';
import { dataBytes } from '../../src/format/data-bytes.js';
import { encodeManifest } from '../../src/format/encode-manifest.js';
import type { HashName, ImageFacts, ImageManifest, ManifestPart } from '../../src/format/image-manifest.js';
import { packTail } from '../../src/format/pack-footer.js';
import { ENTRY_BYTES, writeEntry } from '../../src/format/pack-index.js';
import { partDigest, tableDigest } from '../../src/format/table-digest.js';
import { encodeSealed } from '../../src/format/sealed-manifest.js';
import { SAMPLE_KEY, encryptAt, envelopeBytes, sealBytes, wrapKey, type SampleKeys } from './sample-encryption.js';
import { zstdBlocks } from './zstd-blocks.js';

/** A piece of a part: bytes that become a chunk, or the length of a hole. */
type Piece = number | { readonly bytes: Buffer; readonly how: 'raw' | 'zstd' | 'planes2' | 'planes4' | Buffer };

/** A part as the sample is made of it. */
export interface SamplePart {
  readonly name: string;
  readonly kind: PartKind;
  readonly pieces: readonly Piece[];
}

/** An image as the store has it. */
export interface SampleImage {
  readonly manifest: ImageManifest;
  readonly table: Buffer;
  /** By name. */
  readonly packs: ReadonlyMap<string, Buffer>;
  /** When it is encrypted. */
  readonly keys?: SampleKeys | undefined;
}

interface Chunk {
  readonly stored: Buffer;
  readonly row: ChunkRow;
}

/**
 * Makes an image by hand, without any of the writer's code: the simplest writer that keeps to FORMAT.md. Chunks go in turn into
 * the packs; one that was there already is not stored again.
 * @param parts - sorted by name
 */
export function sampleImage(
  hash: HashName,
  facts: ImageFacts,
  parts: readonly SamplePart[],
  packNames: readonly string[],
  keys?: SampleKeys,
): SampleImage {
  const chunks = new Map<string, Chunk>();
  const ends = packNames.map(() => 0);
  const rows: ChunkRow[] = [];
  const listed = parts.map(({ name, kind, pieces }) => {
    const first = rows.length;
    for (const piece of pieces) rows.push(rowOf(piece));
    return { name, kind, first, size: pieces.reduce<number>((sum, piece) => sum + lengthOf(piece), 0) };
  });
  const table = Buffer.alloc(rows.length * ROW_BYTES);
  for (const [index, row] of rows.entries()) writeRow(table, index, row);
  const packs = packNames.map((name, pack) => {
    const own = [...chunks.values()].filter(({ row }) => row.pack === pack);
    return { name, ...packOf(hash, own, keys?.packs[pack]) };
  });
  const manifest: ImageManifest = {
    version: 2,
    hash,
    requires: keys === undefined ? [] : ['aes-256-gcm'],
    encryption: keys === undefined ? null : { keyId: SAMPLE_KEY.id },
    ...facts,
    bytes: {
      data: rows.reduce((sum, row) => sum + (row.pack === NO_PACK ? 0 : dataBytes(row.length, row.zeros)), 0),
      fresh: [...chunks.values()].reduce((sum, { row }) => sum + row.length, 0),
      stored: packs.reduce((sum, { bytes }) => sum + bytes.length, table.length),
    },
    table: { rows: rows.length, digest: tableDigest(hash, table) },
    packs: packs.map(({ name, bytes, digest }) => ({ name, size: bytes.length, index: digest })),
    parts: listed.map(({ name, kind, size, first }, index): ManifestPart => {
      const count = (listed[index + 1]?.first ?? rows.length) - first;
      return { name, kind, size, rows: [first, count], digest: partDigest(hash, table, first, count) };
    }),
  };
  return { manifest, table, packs: new Map(packs.map(({ name, bytes }) => [name, bytes])), keys };

  function rowOf(piece: Piece): ChunkRow {
    if (typeof piece === 'number') return HOLE(piece);
    const zeros = zeroMask(piece.bytes);
    const room = Buffer.alloc(piece.bytes.length);
    const data = room.subarray(0, packData(piece.bytes, zeros, room));
    const name = hashOf(hash, data);
    const key = name.toString('hex');
    let chunk = chunks.get(key);
    if (chunk === undefined) {
      const pack = chunks.size % packNames.length;
      const encoded = encode(data, piece.how);
      const packKey = keys?.packs[pack];
      const stored = packKey === undefined ? encoded : encryptAt(packKey, 'chunk', ends[pack] ?? 0, encoded);
      const codec = { raw: CODEC.raw, zstd: CODEC.zstd }[String(piece.how)] ?? CODEC.planes;
      const offset = ends[pack] ?? 0;
      ends[pack] = offset + stored.length;
      const used = Buffer.isBuffer(piece.how) ? CODEC.zstd : codec;
      const check = used === CODEC.raw || packKey !== undefined ? 0 : crc32(stored) & 0xff_ffff;
      const where = { pack, offset, stored: stored.length, codec: used, check };
      chunk = { stored, row: { hash: name, length: data.length, zeros: 0, ...where } };
      chunks.set(key, chunk);
    }
    return { ...chunk.row, length: piece.bytes.length, zeros };
  }
}

/** The objects of an image in its store, by name; `manifest.json` is the manifest. */
export function objectsOf({ manifest, table, packs, keys }: SampleImage): Map<string, Buffer> {
  const files = [...packs].map(([name, bytes]) => [`packs/${name}`, bytes] as const);
  if (keys === undefined) return new Map([['manifest.json', encodeManifest(manifest)], ['rows', table], ...files]);
  const sealed = sealBytes(keys.dataKey, 'manifest', encodeSealed({ manifest, packKeys: keys.packs }));
  const envelope = { checkpoint: manifest.checkpoint, keyId: SAMPLE_KEY.id, wrapped: wrapKey(keys.dataKey), sealed };
  const rows = sealBytes(keys.dataKey, 'table', table);
  return new Map([['manifest.json', envelopeBytes(envelope)], ['rows', rows], ...files]);
}

/** The bytes of a part. */
export function bytesOf(part: SamplePart): Buffer {
  return Buffer.concat(part.pieces.map((piece) => (typeof piece === 'number' ? Buffer.alloc(piece) : piece.bytes)));
}

/** A pack of these chunks, one after the other. */
function packOf(hash: HashName, chunks: readonly Chunk[], key?: Buffer): { bytes: Buffer; digest: string } {
  const entries = Buffer.alloc(chunks.length * ENTRY_BYTES);
  for (const [index, { row }] of chunks.entries()) writeEntry(entries, index, { ...row, data: row.length });
  const data = Buffer.concat(chunks.map(({ stored }) => stored));
  const tail = packTail(hash, data.length, entries, key);
  return { bytes: Buffer.concat([data, tail.bytes]), digest: tail.digest };
}

const HOLE = (length: number): ChunkRow => ({
  hash: Buffer.alloc(32),
  length,
  zeros: 0,
  pack: NO_PACK,
  offset: 0,
  stored: 0,
  codec: 0,
  check: 0,
});

function lengthOf(piece: Piece): number {
  return typeof piece === 'number' ? piece : piece.bytes.length;
}

function encode(data: Buffer, how: Exclude<Piece, number>['how']): Buffer {
  if (Buffer.isBuffer(how)) return how;
  if (how === 'raw') return Buffer.from(data);
  if (how === 'zstd') return zstdBlocks(data);
  const word = how === 'planes2' ? 2 : 4;
  const top = Buffer.alloc(Math.floor(data.length / word));
  const rest = Buffer.alloc(data.length - top.length);
  splitWords(data, word, top, rest);
  const frame = zstdBlocks(top);
  const header = Buffer.alloc(4);
  header.writeUInt32LE(frame.length | (word << 24), 0);
  return Buffer.concat([header, frame, rest]);
}

/** Bytes that look random and are the same for ever. */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** So many pages of noise; never one that is all zero. */
export function noisePages(count: number, seed: number): Buffer {
  return noise(count * PAGE_BYTES, seed);
}
