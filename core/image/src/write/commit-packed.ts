// SPDX-License-Identifier: Apache-2.0
import { GritError, type ImageStorageWriter, type KeyProvider } from '@grit/plugin-api';
import type { ImageKeys } from '../crypto/image-keys.js';
import { checkTable } from '../format/check-table.js';
import { encodeManifest, manifestDigest } from '../format/encode-manifest.js';
import { newEnvelope } from '../format/envelope.js';
import { ENCRYPTION_FEATURE, MANIFEST_VERSION, type ImageFacts, type ImageManifest } from '../format/image-manifest.js';
import { parseManifest, parseSealed, parseStored } from '../format/parse-manifest.js';
import { encodeSealed } from '../format/sealed-manifest.js';
import type { PackedImage } from '../pack/packed-image.js';
import { openPackedKeys } from '../pack/packed-keys.js';
import type { ImageCallOptions } from '../image-call-options.js';
import { throwIfAborted } from '../stream/until-aborted.js';
import { tableOf } from './check-packed.js';
import { orAbort } from './or-abort.js';
import { packSources } from './pack-sources.js';
import { putBorrowed } from './put-borrowed.js';
import { putObjects } from './put-objects.js';
import type { WrittenImage } from './written-image.js';

/** Options of {@link commitPacked}. */
export interface CommitPackedOptions extends ImageCallOptions {
  /**
   * Leaves everything where it is when it fails, for a repetition: the packs may be the only copy of a dump. Default false: what was
   * put is removed.
   */
  readonly keep?: boolean | undefined;
  /** For an image that was packed with keys: those, or others that can unwrap its key. */
  readonly keys?: KeyProvider | undefined;
}

/**
 * Puts what a packer made, and then commits: the image is durable and readable, not yet verified. On an error or abort everything
 * that was put is removed again, unless it is to be kept. Repeating it with the same image and facts is fine, also after it had succeeded.
 * @param directory - where the packer wrote its packs
 * Errors: those of the storage, each naming the object; GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED for a pack of the
 * directory that is not as it was made; GRIT_IMAGE_BASE_GONE for a pack of another image that is not there any more;
 * those of `unwrap` for the keys of an image that is encrypted; GRIT_IMAGE_MANIFEST_INVALID for bad names; GRIT_IDEMPOTENCY_CONFLICT when the image was committed with another manifest; GRIT_ABORTED.
 */
export async function commitPacked(
  writer: ImageStorageWriter,
  directory: string,
  packed: PackedImage,
  facts: ImageFacts,
  { signal, onProgress, keep = false, keys }: CommitPackedOptions,
): Promise<WrittenImage> {
  return orAbort(keep ? undefined : writer, signal, async () => {
    throwIfAborted(signal);
    const imageKeys = await openPackedKeys(packed, keys, signal);
    const written = await describe(packed, facts, imageKeys, signal);
    await putBorrowed(writer, packed.packs, signal);
    const table = (await imageKeys?.seal('table', packed.table, signal)) ?? packed.table;
    await putObjects(writer, table, packSources(directory, packed), { signal, onProgress });
    throwIfAborted(signal);
    await writer.commit(written.bytes, signal);
    return written;
  });
}

/** The manifest, as it will be read: what could not be read again is never committed. */
async function describe(
  packed: PackedImage,
  facts: ImageFacts,
  keys: ImageKeys | undefined,
  signal: AbortSignal,
): Promise<WrittenImage> {
  const { hash, table, parts, packs, bytes: stored } = packed;
  const described = {
    ...facts,
    version: MANIFEST_VERSION,
    hash,
    requires: keys === undefined ? [] : [ENCRYPTION_FEATURE],
    encryption: null,
    bytes: stored,
    table: tableOf(hash, table),
    packs: packs.map(({ name, size, index }) => ({ name, size, index })),
    parts,
  } satisfies ImageManifest;
  const written = keys === undefined ? inClear(described) : await sealed(described, packed, keys, signal);
  await checkTable(written.manifest, table, signal);
  return { ...written, size: parts.reduce((sum, part) => sum + part.size, 0) };
}

function inClear(described: ImageManifest): Omit<WrittenImage, 'size'> {
  const bytes = encodeManifest(described);
  return { manifest: parseManifest(bytes), bytes, digest: manifestDigest(bytes) };
}

async function sealed(
  described: ImageManifest,
  { encryption }: PackedImage,
  keys: ImageKeys,
  signal: AbortSignal,
): Promise<Omit<WrittenImage, 'size'>> {
  if (encryption === undefined) throw new GritError('GRIT_INTERNAL', 'there are keys for an image without encryption');
  const inner = encodeSealed({ manifest: described, packKeys: described.packs.map(({ name }) => keys.pack(name)) });
  const { manifest } = parseSealed(inner);
  const sealedBytes = await keys.seal('manifest', inner, signal);
  const bytes = newEnvelope(manifest.checkpoint, encryption.key, sealedBytes);
  parseStored(bytes);
  const { keyId } = keys;
  return { manifest: { ...manifest, encryption: { keyId } }, bytes, digest: manifestDigest(inner) };
}
