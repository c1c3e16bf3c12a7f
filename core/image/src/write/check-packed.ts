// SPDX-License-Identifier: Apache-2.0
import { isImageId } from '../check-image-id.js';
import { isKeyId } from '../crypto/data-key.js';
import { base64Bytes } from '../format/base64-bytes.js';
import { fields, need } from '../format/check-fields.js';
import { checkManifest } from '../format/check-manifest.js';
import { ROW_BYTES } from '../format/chunk-row.js';
import { MANIFEST_VERSION, type ImageFacts, type ImageManifest } from '../format/image-manifest.js';
import { tableDigest } from '../format/table-digest.js';
import type { PackedImage, UsedPack } from '../pack/packed-image.js';
import type { PackedKeys } from '../pack/packed-keys.js';

/** The version of the record that is written, and the only one that is read. */
const VERSION = 1;

/** Stands where a manifest has the facts: the record goes through the very checks that its manifest will meet. */
const NO_FACTS: ImageFacts = {
  checkpoint: 'none',
  workload: { kind: 'none', name: 'none' },
  node: 'none',
  createdAt: 0,
  runtime: { driver: 'none', version: 0, data: null },
  facts: {},
  timings: [],
};

/** A packed image as JSON, without its table. Keys are in it as they are in the image: wrapped and sealed. */
export function packedRecord({ table, encryption, ...packed }: PackedImage): unknown {
  const keys = encryption && {
    keyId: encryption.key.keyId,
    wrapped: Buffer.from(encryption.key.wrapped).toString('base64'),
    packs: Buffer.from(encryption.packs).toString('base64'),
  };
  return { version: VERSION, ...packed, table: tableOf(packed.hash, table), ...(keys && { encryption: keys }) };
}

/**
 * Checks a parsed record and the table beside it: every field, as in a manifest, and the table's digest. Throws an Error, or the
 * GritError of a name, that says what is wrong.
 */
export function checkPacked(value: unknown, table: Buffer): PackedImage {
  const record = fields(value, 'record', ['version', 'hash', 'table', 'parts', 'packs', 'bytes'], ['encryption']);
  need(record.version === VERSION, 'version');
  const { hash, parts, bytes } = record;
  need(Array.isArray(record.packs), 'packs');
  const packs = (record.packs as readonly unknown[]).map(checkPack);
  const shape = { ...NO_FACTS, version: MANIFEST_VERSION, requires: [], encryption: null };
  const objects = packs.map(({ name, size, index }) => ({ name, size, index }));
  const manifest = checkManifest({ ...shape, hash, table: record.table, packs: objects, parts, bytes });
  const found = tableOf(manifest.hash, table);
  need(table.length % ROW_BYTES === 0 && found.rows === manifest.table.rows, 'length of the table');
  need(found.digest === manifest.table.digest, 'table');
  const encryption = record.encryption === undefined ? undefined : checkKeys(record.encryption);
  return {
    hash: manifest.hash,
    table,
    parts: manifest.parts,
    packs,
    bytes: manifest.bytes,
    ...(encryption !== undefined && { encryption }),
  };
}

function checkKeys(value: unknown): PackedKeys {
  const { keyId, wrapped, packs } = fields(value, 'encryption', ['keyId', 'wrapped', 'packs']);
  need(isKeyId(keyId), 'keyId');
  const [key, sealed] = [base64Bytes(wrapped), base64Bytes(packs)];
  if (key === undefined || sealed === undefined) throw new Error('encryption is wrong');
  return { key: { keyId: keyId as string, wrapped: key }, packs: sealed };
}

/** What a manifest says about a table. */
export function tableOf(hash: ImageManifest['hash'], table: Buffer): ImageManifest['table'] {
  return { rows: Math.floor(table.length / ROW_BYTES), digest: tableDigest(hash, table) };
}

function checkPack(value: unknown): UsedPack {
  const pack = fields(value, 'packs', ['name', 'size', 'index', 'own'], ['image', 'readBack']);
  need(typeof pack.own === 'boolean', 'own of a pack');
  need(pack.image === undefined || (isImageId(pack.image) && pack.own === false), 'image of a pack');
  if (pack.readBack !== undefined) {
    const { device, inode, changed, boot } = fields(pack.readBack, 'readBack', ['device', 'inode', 'changed', 'boot']);
    need(
      [device, inode, changed, boot].every((value) => typeof value === 'string'),
      'readBack of a pack',
    );
  }
  // The other fields are checked as those of a manifest.
  return pack as unknown as UsedPack;
}
