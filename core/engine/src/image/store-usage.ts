// SPDX-License-Identifier: Apache-2.0
import { openImage } from '@grit/image';
import { toGritError, type SerializedGritError, type StorageProvider } from '@grit/plugin-api';
import { objectsOf } from '../retention/image-objects.js';
import { ObjectCounts } from '../retention/object-counts.js';
import type { CountedObject } from '../retention/plan-retention.js';
import { storedImages } from './stored-images.js';

/** The room that an image takes. */
export interface ImageUsage {
  readonly id: string;
  readonly workload?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
  /** Bytes of all parts. */
  readonly logical?: number | undefined;
  /** Bytes of its objects: `shared` with other images of the store and `alone` together. */
  readonly stored: number;
  readonly shared: number;
  /** What its deletion gives back. */
  readonly alone: number;
  /** Why nothing is known of it but what it takes. */
  readonly error?: SerializedGritError | undefined;
}

/** The room that a store takes. */
export interface StoreUsage {
  readonly images: readonly ImageUsage[];
  /** `stored` has each object once, `shared` those that several images have. */
  readonly total: {
    readonly logical: number;
    readonly stored: number;
    readonly shared: number;
    readonly alone: number;
  };
}

interface Measured extends Pick<ImageUsage, 'id' | 'committedAt' | 'workload' | 'logical' | 'error'> {
  readonly objects: readonly CountedObject[];
}

/** Manifests that are read at a time. */
const LANES = 8;

/** What images take, the newest first, by their manifests: packs have names of their own. Errors: those of the storage. */
export async function storeUsage(storage: StorageProvider, signal: AbortSignal): Promise<StoreUsage> {
  const stored = await storedImages(storage, signal);
  stored.sort((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? 1 : -1));
  const measured: Measured[] = [];
  for (let at = 0; at < stored.length; at += LANES) {
    measured.push(...(await Promise.all(stored.slice(at, at + LANES).map((image) => measure(storage, image, signal)))));
  }
  const counts = new ObjectCounts();
  for (const { objects } of measured) counts.add(objects);
  const images = measured.map(({ objects, ...image }): ImageUsage => {
    const all = objects.reduce((sum, { size }) => sum + size, 0);
    const shared = counts.shared(objects);
    return { ...image, stored: all, shared, alone: all - shared };
  });
  const alone = images.reduce((sum, image) => sum + image.alone, 0);
  const logical = images.reduce((sum, image) => sum + (image.logical ?? 0), 0);
  return { images, total: { logical, stored: counts.bytes, shared: counts.bytes - alone, alone } };
}

async function measure(
  storage: StorageProvider,
  { id, size, committedAt }: { readonly id: string; readonly size: number; readonly committedAt: number },
  signal: AbortSignal,
): Promise<Measured> {
  try {
    const reader = await openImage(storage, id, signal);
    const workload = reader.manifest.workload.name;
    return { id, committedAt, workload, logical: reader.size, objects: objectsOf(reader) };
  } catch (error) {
    signal.throwIfAborted();
    return { id, committedAt, error: toGritError(error).toJSON(), objects: [{ key: `${id}/`, size }] };
  }
}
