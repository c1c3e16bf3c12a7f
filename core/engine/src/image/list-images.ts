// SPDX-License-Identifier: Apache-2.0
import { openImage } from '@grit/image';
import {
  toGritError,
  type SerializedGritError,
  type StorageProvider,
  type StoredBytes,
  type StoredImage,
  type WorkloadRef,
} from '@grit/plugin-api';

/** An image of a store, as its manifest describes it. */
export interface ImageSummary {
  readonly id: string;
  /** Bytes of its objects in the store; those that it shares with other images count for each. */
  readonly objectBytes: number;
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
  /** Missing when the manifest cannot be used. */
  readonly about?: {
    readonly workload: WorkloadRef;
    readonly node: string;
    readonly createdAt: number;
    readonly parent?: string | undefined;
    readonly parts: number;
    /** Bytes of all parts. */
    readonly size: number;
    readonly bytes: StoredBytes;
    readonly digest: string;
  };
  /** Why it cannot. */
  readonly error?: SerializedGritError;
}

/** Manifests that are read at a time. */
const LANES = 8;

/** All committed images, the newest first. Reads the manifests only. Errors: those of the storage. */
export async function listImages(storage: StorageProvider, signal: AbortSignal): Promise<ImageSummary[]> {
  const images: StoredImage[] = [];
  for await (const image of storage.list(signal)) images.push(image);
  images.sort((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? 1 : -1));
  const summaries: ImageSummary[] = [];
  for (let at = 0; at < images.length; at += LANES) {
    const some = images.slice(at, at + LANES).map((image) => summaryOf(storage, image, signal));
    summaries.push(...(await Promise.all(some)));
  }
  return summaries;
}

async function summaryOf(
  storage: StorageProvider,
  { id, size: objectBytes, committedAt }: StoredImage,
  signal: AbortSignal,
): Promise<ImageSummary> {
  try {
    const { manifest, size, digest } = await openImage(storage, id, signal);
    const { workload, node, createdAt, parent, bytes } = manifest;
    const parts = manifest.parts.length;
    return { id, objectBytes, committedAt, about: { workload, node, createdAt, parent, parts, size, bytes, digest } };
  } catch (error) {
    signal.throwIfAborted();
    return { id, objectBytes, committedAt, error: toGritError(error).toJSON() };
  }
}
