// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../../src/chunk/chunk-hash.js';
import { NO_PACK, ROW_BYTES, writeRow } from '../../src/format/chunk-row.js';
import type { HashName } from '../../src/format/image-manifest.js';
import { ENTRY_BYTES, writeEntry } from '../../src/format/pack-index.js';
import { packTail } from '../../src/format/pack-footer.js';
import { partDigest } from '../../src/format/table-digest.js';
import type { PackedImage, UsedPack } from '../../src/pack/packed-image.js';

const CHUNK = 100_000;

/** Name of the pack with this number. */
export function packName(at: number): string {
  return `pk-${String(at).padStart(26, '0')}`;
}

/** A small packed image made by hand: each pack has one chunk, each part the chunk of one pack and a hole after it. */
export async function handPacked(
  directory: string,
  packs: readonly { readonly own: boolean; readonly image?: string }[],
  hash: HashName = 'blake3',
): Promise<PackedImage> {
  await mkdir(directory, { recursive: true });
  const table = Buffer.alloc(packs.length * 2 * ROW_BYTES);
  const listed: UsedPack[] = [];
  for (const [at, pack] of packs.entries()) {
    const data = randomBytes(CHUNK);
    const digest = hashOf(hash, data);
    const entries = Buffer.alloc(ENTRY_BYTES);
    writeEntry(entries, 0, { hash: digest, offset: 0, stored: CHUNK, data: CHUNK, codec: 0, check: 0 });
    const tail = packTail(hash, CHUNK, entries);
    const bytes = Buffer.concat([data, tail.bytes]);
    await writeFile(join(directory, packName(at)), bytes);
    listed.push({ name: packName(at), size: bytes.length, index: tail.digest, ...pack });
    const row = { hash: digest, length: CHUNK, zeros: 0, pack: at, offset: 0, stored: CHUNK, codec: 0, check: 0 };
    // A row of data that is not the part's last has whole pages, so the hole comes first.
    const hole = {
      hash: Buffer.alloc(32),
      length: 8192,
      zeros: 0,
      pack: NO_PACK,
      offset: 0,
      stored: 0,
      codec: 0,
      check: 0,
    };
    writeRow(table, 2 * at, hole);
    writeRow(table, 2 * at + 1, row);
  }
  const parts = packs.map((_, at) => ({
    name: `criu/part-${String(at).padStart(2, '0')}.img`,
    kind: 'memory' as const,
    size: CHUNK + 8192,
    rows: [2 * at, 2] as [number, number],
    digest: partDigest(hash, table, 2 * at, 2),
  }));
  const bytes = CHUNK * packs.length;
  return { hash, table, parts, packs: listed, bytes: { data: bytes, fresh: bytes, stored: bytes } };
}
