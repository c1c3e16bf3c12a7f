// SPDX-License-Identifier: Apache-2.0
import type { ImageStorageWriter } from '@grit/plugin-api';
import { checkTable } from '../format/check-table.js';
import { encodeManifest, manifestDigest } from '../format/encode-manifest.js';
import { MANIFEST_VERSION, type ImageFacts } from '../format/image-manifest.js';
import { parseManifest } from '../format/parse-manifest.js';
import type { PackedImage } from '../pack/packed-image.js';
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
}

/**
 * Puts what a packer made, and then commits: the image is durable and readable, not yet verified. On an error or abort everything
 * that was put is removed again, unless it is to be kept. Repeating it with the same image and facts is fine, also after it had succeeded.
 * @param directory - where the packer wrote its packs
 * Errors: those of the storage, each naming the object; GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED for a pack of the
 * directory that is not as it was made; GRIT_IMAGE_BASE_GONE for a pack of another image that is not there any more;
 * GRIT_IMAGE_MANIFEST_INVALID for bad names; GRIT_IDEMPOTENCY_CONFLICT when the image was committed with another manifest; GRIT_ABORTED.
 */
export async function commitPacked(
  writer: ImageStorageWriter,
  directory: string,
  packed: PackedImage,
  facts: ImageFacts,
  { signal, onProgress, keep = false }: CommitPackedOptions,
): Promise<WrittenImage> {
  return orAbort(keep ? undefined : writer, signal, async () => {
    throwIfAborted(signal);
    const written = await describe(packed, facts, signal);
    await putBorrowed(writer, packed.packs, signal);
    await putObjects(writer, packed.table, packSources(directory, packed), { signal, onProgress });
    throwIfAborted(signal);
    await writer.commit(written.bytes, signal);
    return written;
  });
}

/** The manifest, as it will be read: what could not be read again is never committed. */
async function describe(packed: PackedImage, facts: ImageFacts, signal: AbortSignal): Promise<WrittenImage> {
  const { hash, table, parts, packs, bytes: stored } = packed;
  const bytes = encodeManifest({
    ...facts,
    version: MANIFEST_VERSION,
    hash,
    requires: [],
    encryption: null,
    bytes: stored,
    table: tableOf(hash, table),
    packs: packs.map(({ name, size, index }) => ({ name, size, index })),
    parts,
  });
  const manifest = parseManifest(bytes);
  await checkTable(manifest, table, signal);
  const size = manifest.parts.reduce((sum, part) => sum + part.size, 0);
  return { manifest, bytes, digest: manifestDigest(bytes), size };
}
