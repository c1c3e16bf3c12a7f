// SPDX-License-Identifier: Apache-2.0
import { writeRow, readRow, ROW_BYTES } from '../../src/format/chunk-row.js';
import { FOOTER_BYTES } from '../../src/format/pack-footer.js';
import { encodeSealed } from '../../src/format/sealed-manifest.js';
import { partDigest, tableDigest } from '../../src/format/table-digest.js';
import { broken, flipped, type BrokenVector } from './broken-vectors.js';
import { SAMPLE_KEY, envelopeBytes, sealBytes, wrapKey, type SampleEnvelope } from './sample-encryption.js';
import { objectsOf, type SampleImage } from './sample-image.js';

const CORRUPT = 'GRIT_IMAGE_PART_CORRUPT';
const INVALID = 'GRIT_IMAGE_MANIFEST_INVALID';

/**
 * What can be wrong with an encrypted image and not with a plain one.
 * @param twin - the same image with other keys
 */
export function brokenEncrypted(image: SampleImage, twin: SampleImage): readonly BrokenVector[] {
  const { manifest, table, packs, keys } = image;
  if (keys === undefined) throw new Error('it is not encrypted');
  const { dataKey } = keys;
  const rows = objectsOf(image).get('rows') ?? Buffer.alloc(0);
  const [name = '', bytes = Buffer.alloc(0)] = [...packs][0] ?? [];
  const inner = encodeSealed({ manifest, packKeys: keys.packs });
  const sealed = sealBytes(dataKey, 'manifest', inner);
  const good = { checkpoint: manifest.checkpoint, keyId: SAMPLE_KEY.id, wrapped: wrapKey(dataKey), sealed };
  const envelope = (edit: Partial<SampleEnvelope>, check?: string): Record<string, Buffer> => ({
    'manifest.json': envelopeBytes({ ...good, ...edit }, check),
  });
  const sealedAs = (changed: SampleImage['manifest'], packKeys = keys.packs): Record<string, Buffer> =>
    envelope({ sealed: sealBytes(dataKey, 'manifest', encodeSealed({ manifest: changed, packKeys })) });
  const vector = (title: string, error: BrokenVector['error'], why: string, objects: Record<string, Buffer>) =>
    broken(`encrypted-${title}`, error, why, objects);
  const pack = (title: string, why: string, replacement: Buffer): BrokenVector =>
    vector(title, CORRUPT, why, { [`packs/${name}`]: replacement });
  const firstChunk = manifestRows(table).find((row) => row.pack === 0 && row.offset === 0);
  const size = bytes.length;
  const index = Number(bytes.readBigUInt64LE(size - FOOTER_BYTES + 16));
  const entries = bytes.readUInt32LE(size - FOOTER_BYTES + 12);
  const checked = Buffer.from(table);
  const at = manifestRows(table).findIndex((row) => row.codec === 1);
  writeRow(checked, at, { ...readRow(Buffer.from(table), at), check: 1 });
  return [
    pack('chunk', 'a chunk with a wrong bit', flipped(bytes, 10)),
    pack('chunk-tag', 'the tag of a chunk with a wrong bit', flipped(bytes, (firstChunk?.stored ?? 0) - 1)),
    pack('index-tag', 'the tag of the index with a wrong bit', flipped(bytes, index + entries * 48)),
    pack('footer-plain', 'a footer that says that the pack is not encrypted', flipped(bytes, size - FOOTER_BYTES + 11)),
    vector('packs-swapped', CORRUPT, 'packs with the same chunks that other keys have encrypted', {
      ...Object.fromEntries([...twin.packs].map(([pack, swapped]) => [`packs/${pack}`, swapped])),
    }),
    vector(
      'pack-key',
      CORRUPT,
      'the keys of the packs in the wrong order',
      sealedAs(manifest, [...keys.packs].reverse()),
    ),
    vector('pack-key-missing', INVALID, 'a key too few', sealedAs(manifest, keys.packs.slice(1))),
    vector('table', CORRUPT, 'a table with a wrong bit', { rows: flipped(rows, 100) }),
    vector('table-tag', CORRUPT, 'the tag of the table with a wrong bit', { rows: flipped(rows, rows.length - 1) }),
    vector('table-plain', 'GRIT_IMAGE_PART_TRUNCATED', 'a table that is not encrypted', { rows: table }),
    vector('row-check', CORRUPT, 'a row with a check, though there is a tag', {
      rows: sealBytes(dataKey, 'table', checked),
      ...sealedAs({
        ...manifest,
        table: { ...manifest.table, digest: tableDigest(manifest.hash, checked) },
        parts: manifest.parts.map((part) => ({ ...part, digest: partDigest(manifest.hash, checked, ...part.rows) })),
      }),
    }),
    vector(
      'manifest-check',
      INVALID,
      'another check than that of the envelope',
      envelope({}, `sha256:${'0'.repeat(64)}`),
    ),
    vector('manifest-sealed', INVALID, 'a sealed manifest with a wrong bit', envelope({ sealed: flipped(sealed, 50) })),
    vector(
      'manifest-other',
      INVALID,
      'the sealed manifest of another checkpoint',
      envelope({ checkpoint: 'ck-other' }),
    ),
    vector('manifest-plain', INVALID, 'an envelope without what is sealed', {
      'manifest.json': inner,
    }),
    vector('key-unknown', 'GRIT_KEY_UNKNOWN', 'a key that the reader does not have', envelope({ keyId: 'elsewhere' })),
    vector(
      'key-wrong',
      'GRIT_KEY_WRONG',
      'a data key that another key has wrapped',
      envelope({ wrapped: flipped(good.wrapped, 20) }),
    ),
  ];
}

function manifestRows(table: Buffer): ReturnType<typeof readRow>[] {
  return Array.from({ length: table.length / ROW_BYTES }, (_, row) => readRow(table, row));
}
