// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError, checkPartName, type ImageStorageWriter, type PartSource } from '@grit/plugin-api';
import type { ImageFacts } from '../format/image-manifest.js';
import type { ImageCallOptions } from '../image-call-options.js';
import type { PackerOptions } from '../pack/packer.js';
import { throwIfAborted } from '../stream/until-aborted.js';
import { commitPacked } from './commit-packed.js';
import { knownPacks, type KnownImage } from './known-packs.js';
import { orAbort } from './or-abort.js';
import { packParts } from './pack-parts.js';
import type { WrittenImage } from './written-image.js';

/** Options of {@link storeImage}. */
export interface StoreOptions extends ImageCallOptions, Pick<PackerOptions, 'compression' | 'limits' | 'keys'> {
  /** Images whose chunks need not be written again, the likeliest first. Only where the store can share objects. */
  readonly known?: readonly KnownImage[] | undefined;
  /** Where packs are made for a store that has no room of its own for it. Default: the system's directory for temporary files. */
  readonly workDirectory?: string | undefined;
}

/**
 * Packs all parts, puts the packs, and then commits: the image is durable and readable, not yet verified. On an error or abort all of
 * it is removed again; after a crash the next call for the same id goes on with the packs that were finished. An image that is
 * committed already is refused: ask `findWritten` first where a call may be a repetition.
 * Errors: those of the storage, each naming the part or object; GRIT_IMAGE_PART_MISSING and GRIT_IMAGE_PART_CORRUPT for a local file
 * that is not there or changes meanwhile; GRIT_IMAGE_MANIFEST_INVALID for bad or doubled names; GRIT_IDEMPOTENCY_CONFLICT.
 */
export async function storeImage(
  writer: ImageStorageWriter,
  parts: readonly PartSource[],
  facts: ImageFacts,
  { signal, onProgress, known = [], workDirectory, compression, limits, keys }: StoreOptions,
): Promise<WrittenImage> {
  return orAbort(writer, signal, async () => {
    checkNames(parts);
    throwIfAborted(signal);
    const staging = await writer.staging?.(signal);
    const directory = staging ?? (await mkdtemp(join(workDirectory ?? tmpdir(), 'grit-packs-')));
    try {
      const chunks = await knownPacks(writer, known, signal, { keys });
      const staged = staging !== undefined;
      // Where packs are only linked, packing is all the work there is.
      const packing = { directory, known: chunks, compression, limits, keys, signal, ...(staged && { onProgress }) };
      const packed = await packParts(parts, packing).catch(async (error: unknown) => {
        // The packer knows nothing of writers: what it took for a fault of the disk may be another writer that has begun anew.
        await writer.staging?.(signal);
        throw error;
      });
      return await commitPacked(writer, directory, packed, facts, { signal, keys, ...(!staged && { onProgress }) });
    } finally {
      if (staging === undefined) await rm(directory, { recursive: true, force: true });
    }
  });
}

/** The packer would find it out, after a part of the work. */
function checkNames(parts: readonly PartSource[]): void {
  const names = new Set(parts.map(({ name }) => checkPartName(name)));
  if (names.size < parts.length) throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', 'two parts have one name');
}
