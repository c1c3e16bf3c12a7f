// SPDX-License-Identifier: Apache-2.0
import { hashOf } from '../chunk/chunk-hash.js';
import { TAG_BYTES, decryptIndex, encryptIndex } from '../crypto/chunk-cipher.js';
import { MAX_PACK_BYTES, MAX_PACK_ENTRIES, PACK_ALIGNMENT } from './format-limits.js';
import type { HashName } from './image-manifest.js';
import { packDamage } from './pack-damage.js';
import { ENTRY_BYTES, checkEntries } from './pack-index.js';

/** Bytes at the end of a pack that say what is in it. */
export const FOOTER_BYTES = 64;

const MAGIC = Buffer.from('GRITPAK2', 'latin1');
const VERSION = 2;
/** The flag in the footer; any other bit is one that nobody knows. */
const ENCRYPTED = 1;
const HASH_IDS = { blake3: 1, sha256: 2 } as const satisfies Record<HashName, number>;

/** What the footer of a pack says. */
export interface PackFooter {
  readonly hash: HashName;
  readonly entries: number;
  /** Where the index begins. */
  readonly indexOffset: number;
  /** `NAME:hex` of the index as it is stored. */
  readonly digest: string;
  /** Whether chunks and index are encrypted. */
  readonly encrypted: boolean;
}

/**
 * All that follows the chunks of a pack: zeros up to the next multiple of {@link PACK_ALIGNMENT}, the index, zeros, the footer.
 * @param end where the last chunk ends, in bytes
 * @param entries one or more, as writeEntry wrote them
 * @param key that of the pack, when it is encrypted
 */
export function packTail(
  hash: HashName,
  end: number,
  entries: Uint8Array,
  key?: Uint8Array,
): { bytes: Buffer; digest: string } {
  const indexOffset = aligned(end);
  const index = key === undefined ? entries : encryptIndex(key, entries);
  const bytes = Buffer.alloc(aligned(indexOffset + index.length + FOOTER_BYTES) - end);
  const digest = hashOf(hash, index);
  bytes.set(index, indexOffset - end);
  const at = bytes.length - FOOTER_BYTES;
  bytes.set(MAGIC, at);
  bytes.writeUInt16LE(VERSION, at + 8);
  bytes.writeUInt8(HASH_IDS[hash], at + 10);
  bytes.writeUInt8(key === undefined ? 0 : ENCRYPTED, at + 11);
  bytes.writeUInt32LE(entries.length / ENTRY_BYTES, at + 12);
  bytes.writeBigUInt64LE(BigInt(indexOffset), at + 16);
  bytes.set(digest, at + 32);
  return { bytes, digest: `${hash}:${digest.toString('hex')}` };
}

/**
 * Reads the last {@link FOOTER_BYTES} of a pack of that size. What it returns lies inside the pack and is bounded: the index has at
 * most 48 MiB. Throws GRIT_IMAGE_PART_CORRUPT, GRIT_IMAGE_PART_TRUNCATED.
 */
export function parseFooter(pack: string, size: number, footer: Uint8Array): PackFooter {
  const bytes = Buffer.from(footer.buffer, footer.byteOffset, footer.length);
  const corrupt = (what: string) => packDamage('GRIT_IMAGE_PART_CORRUPT', pack, what);
  if (size < 2 * PACK_ALIGNMENT || size % PACK_ALIGNMENT !== 0 || bytes.length !== FOOTER_BYTES) {
    throw packDamage('GRIT_IMAGE_PART_TRUNCATED', pack, `has ${size} bytes, which no pack has`);
  }
  if (size > MAX_PACK_BYTES) throw corrupt(`has ${size} bytes, more than any pack`);
  if (!bytes.subarray(0, 8).equals(MAGIC)) throw corrupt('does not end like a pack');
  if (bytes.readUInt16LE(8) !== VERSION) throw corrupt(`has the unknown version ${bytes.readUInt16LE(8)}`);
  const hash = hashNamed(bytes.readUInt8(10));
  if (hash === undefined) throw corrupt(`has the unknown hash ${bytes.readUInt8(10)}`);
  const flags = bytes.readUInt8(11);
  if ((flags & ~ENCRYPTED) !== 0 || bytes.readBigUInt64LE(24) !== 0n)
    throw corrupt('has bytes in its footer that must be 0');
  const encrypted = flags === ENCRYPTED;
  const entries = bytes.readUInt32LE(12);
  if (entries === 0 || entries > MAX_PACK_ENTRIES) throw corrupt(`says that it has ${entries} chunks`);
  const indexOffset = Number(bytes.readBigUInt64LE(16));
  const whole = aligned(indexOffset + indexBytes(entries, encrypted) + FOOTER_BYTES) === size;
  if (indexOffset === 0 || indexOffset % PACK_ALIGNMENT !== 0 || !whole) {
    throw corrupt(`says that the index of its ${entries} chunks begins at ${indexOffset} of ${size} bytes`);
  }
  return { hash, entries, indexOffset, digest: `${hash}:${bytes.subarray(32).toString('hex')}`, encrypted };
}

/**
 * Checks all that follows the chunks of a pack, from `footer.indexOffset` to its end. Returns the entries (a view) and where the last
 * chunk ends; from there to the index all must be 0, which is for the caller to see. Throws GRIT_IMAGE_PART_CORRUPT,
 * GRIT_IMAGE_PART_TRUNCATED.
 * @param key that of the pack, when it is one of an encrypted image
 */
export function parseIndex(
  pack: string,
  size: number,
  footer: PackFooter,
  tail: Uint8Array,
  key?: Uint8Array,
): { entries: Buffer; end: number } {
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.length);
  if (bytes.length !== size - footer.indexOffset) {
    throw packDamage('GRIT_IMAGE_PART_TRUNCATED', pack, `ends after ${bytes.length} bytes of its index`);
  }
  const corrupt = (what: string) => packDamage('GRIT_IMAGE_PART_CORRUPT', pack, what);
  const index = bytes.subarray(0, indexBytes(footer.entries, footer.encrypted));
  if (`${footer.hash}:${hashOf(footer.hash, index).toString('hex')}` !== footer.digest) {
    throw corrupt('has an index that is not the one that was written');
  }
  if (!isZero(bytes.subarray(index.length, bytes.length - FOOTER_BYTES))) throw corrupt('has bytes after its index');
  if (footer.encrypted !== (key !== undefined)) throw corrupt(`is ${footer.encrypted ? '' : 'not '}encrypted`);
  const entries = key === undefined ? index : decryptIndex(key, index);
  if (entries === undefined) throw corrupt('has an index that another key encrypted');
  const { end, wrong } = checkEntries(entries, footer.encrypted);
  if (wrong !== undefined) throw corrupt(`has an index whose entry ${wrong.index} ${wrong.why}`);
  if (aligned(end) !== footer.indexOffset)
    throw corrupt(`has an index at ${footer.indexOffset} and chunks up to ${end}`);
  return { entries, end };
}

function indexBytes(entries: number, encrypted: boolean): number {
  return entries * ENTRY_BYTES + (encrypted ? TAG_BYTES : 0);
}

/** True when all bytes are 0. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function aligned(offset: number): number {
  return Math.ceil(offset / PACK_ALIGNMENT) * PACK_ALIGNMENT;
}

function hashNamed(id: number): HashName | undefined {
  if (id === HASH_IDS.blake3) return 'blake3';
  return id === HASH_IDS.sha256 ? 'sha256' : undefined;
}
