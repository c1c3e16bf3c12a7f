// SPDX-License-Identifier: Apache-2.0
import type { ImageStorageWriter, KeyProvider } from '@grit/plugin-api';
import type { ImageKeys } from '../crypto/image-keys.js';
import { NO_PACK } from '../format/chunk-row.js';
import type { ImageManifest } from '../format/image-manifest.js';
import { packObject } from '../format/object-names.js';
import type { KnownChunks, KnownPack, KnownTable } from '../pack/known-chunks.js';
import { isDamage } from '../read/chunk-damage.js';
import { throwIfAborted } from '../stream/until-aborted.js';

/** 64 GiB of packs, which have about as many chunks as a packer remembers. */
const MOST_PACKS = 1024;

/** An image whose chunks may be used again: an ImageReader, say. */
export interface KnownImage {
  readonly manifest: ImageManifest;
  /** Of an encrypted image. */
  readonly keys?: ImageKeys | undefined;
  /** Its rows, checked against the manifest. */
  table(signal: AbortSignal): Promise<Buffer>;
}

/** Options of {@link knownPacks}. */
export interface KnownPacksOptions {
  /** Most packs that are adopted; the chunks of others are written again where they are needed. Default 1024. */
  readonly most?: number | undefined;
  /** Keys of the new image. Only images that their current key opens are used; without keys only those that are not encrypted. */
  readonly keys?: KeyProvider | undefined;
}

/**
 * Takes part in the packs of these images, so that their chunks need not be written again; the likeliest image comes first: the
 * parent. What chunks there are is in the tables of the images: no pack is opened. What is gone or damaged is left out, and so is all
 * of it where the store cannot share objects. The store holds the packs until this image is committed, aborted or deleted, also when
 * those images are deleted meanwhile. Errors: those of the storage; GRIT_KEY_UNAVAILABLE; GRIT_ABORTED.
 */
export async function knownPacks(
  writer: ImageStorageWriter,
  images: readonly KnownImage[],
  signal: AbortSignal,
  { most = MOST_PACKS, keys }: KnownPacksOptions = {},
): Promise<KnownChunks> {
  const packs: KnownPack[] = [];
  const tables: KnownTable[] = [];
  const places = new Map<string, number>();
  const packKeys = new Map<string, Uint8Array>();
  const keyId = await keys?.currentKeyId(signal);
  const usable = images.filter((image) => image.keys?.keyId === keyId);
  for (const image of writer.adopt === undefined ? [] : usable) {
    throwIfAborted(signal);
    const table = await tableOf(image, signal);
    if (table === undefined) continue;
    const { manifest } = image;
    // The parent's packs are its parent's too, for the most part.
    const asked = manifest.packs.filter(({ name }) => !places.has(name)).slice(0, most - packs.length);
    for (const pack of await adopted(writer, manifest.checkpoint, asked, signal)) {
      places.set(pack.name, packs.push({ ...pack, image: manifest.checkpoint }) - 1);
      if (image.keys !== undefined) packKeys.set(pack.name, image.keys.pack(pack.name));
    }
    const placeOf = ({ name, index }: ImageManifest['packs'][number]): number => {
      const place = places.get(name) ?? NO_PACK;
      return packs[place]?.index === index ? place : NO_PACK;
    };
    tables.push({ hash: manifest.hash, table, places: Uint32Array.from(manifest.packs, placeOf) });
  }
  return { packs, tables, ...(keyId !== undefined && { keys: packKeys }) };
}

/** One call for all: a store of objects has to write it down each time. */
async function adopted(
  writer: ImageStorageWriter,
  image: string,
  packs: ImageManifest['packs'],
  signal: AbortSignal,
): Promise<ImageManifest['packs']> {
  if (packs.length === 0) return [];
  const objects = packs.map(({ name }) => packObject(name));
  const there = new Set(await writer.adopt?.(image, objects, signal));
  return packs.filter(({ name }) => there.has(packObject(name)));
}

/** Undefined for a table that is gone or damaged: that costs bytes, never the new image. */
async function tableOf(image: KnownImage, signal: AbortSignal): Promise<Buffer | undefined> {
  return image.table(signal).catch((error: unknown) => {
    if (isDamage(error)) return undefined;
    throw error;
  });
}
