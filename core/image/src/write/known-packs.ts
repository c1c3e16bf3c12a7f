// SPDX-License-Identifier: Apache-2.0
import type { ImageStorageWriter } from '@grit/plugin-api';
import type { ImageManifest } from '../format/image-manifest.js';
import type { KnownPack } from '../pack/packed-image.js';
import { packObject } from '../format/object-names.js';
import { throwIfAborted } from '../stream/until-aborted.js';

/** 64 GiB of packs: their indexes have about a million chunks, which is what the packer's own index holds. */
const MOST_PACKS = 1024;

/** An image whose chunks may be used again: an ImageReader, say. */
export interface KnownImage {
  readonly manifest: ImageManifest;
}

/** Options of {@link knownPacks}. */
export interface KnownPacksOptions {
  /** Most packs that are looked at; the others are written again where they are needed. Default 1024. */
  readonly most?: number | undefined;
}

/**
 * Takes part in the packs of these images, so that their chunks need not be written again; the likeliest image comes first: the
 * parent. What is gone is left out, and so is all of it where the store cannot share objects. The paths are good until this writer
 * commits or aborts, also when those images are deleted meanwhile. Errors: those of the storage; GRIT_ABORTED.
 */
export async function knownPacks(
  writer: ImageStorageWriter,
  readers: readonly KnownImage[],
  signal: AbortSignal,
  { most = MOST_PACKS }: KnownPacksOptions = {},
): Promise<KnownPack[]> {
  const known = new Map<string, KnownPack>();
  if (writer.adopt === undefined) return [];
  for (const { manifest } of readers) {
    for (const { name } of manifest.packs) {
      if (known.size >= most) return [...known.values()];
      // The parent's packs are its parent's too, for the most part.
      if (known.has(name)) continue;
      throwIfAborted(signal);
      const path = await writer.adopt(manifest.checkpoint, packObject(name), signal);
      if (path !== undefined) known.set(name, { name, path, image: manifest.checkpoint });
    }
  }
  return [...known.values()];
}
