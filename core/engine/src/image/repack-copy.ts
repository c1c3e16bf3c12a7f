// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { planRepack, repackImage, type ImageCallOptions, type ImageReader, type WrittenImage } from '@grit/image';
import type { StorageProvider } from '@grit/plugin-api';
import { workloadKey } from '../catalog/workload-key.js';
import { likelyImages } from './likely-images.js';
import { openWorkDirectory } from './work-directory.js';

/** Images of the target whose chunks are used. */
const MOST_KNOWN = 8;

/** Where an image is packed anew. */
export interface RepackPlace {
  /** Local directory for what does not go through memory; made when missing. */
  readonly workDirectory: string;
  /** Told how much of the local disk it may take at most, before anything is written there. */
  readonly onWorkDirectory?: ((path: string, bytes: number) => void) | undefined;
}

/** How likely packs are larger than those of the source: another effort of the compression, and their indexes. */
const PACKING_MARGIN = 1.1;

/**
 * Packs an image anew for another store, with its keys. Memory goes from store to packer; what is cut by content, and, where the target
 * has no disk of its own, the packs are in a work directory, which is removed in the end, after a crash by the next call. What a crash
 * leaves in the target the next writer of the image replaces. Errors: those of `repackImage`; GRIT_NODE_STORAGE_FULL before anything is sent.
 */
export async function repackCopy(
  source: ImageReader,
  to: StorageProvider,
  place: RepackPlace,
  options: ImageCallOptions,
): Promise<WrittenImage> {
  const { signal } = options;
  await using work = await openWorkDirectory(place.workDirectory, 'copy');
  const plan = await planRepack(source, join(work.path, 'parts'), signal);
  const writer = await to.begin(source.manifest.checkpoint, signal);
  const staging = await writer.staging?.(signal);
  const packs = staging === undefined ? Math.ceil(plan.packedBytes * PACKING_MARGIN) : 0;
  const needed = plan.stagedBytes + packs;
  try {
    await work.requireRoom(needed);
  } catch (error) {
    await writer.abort(new AbortController().signal).catch(() => undefined);
    throw error;
  }
  place.onWorkDirectory?.(work.path, needed);
  const known = await lineageThere(source, to, signal);
  const packDirectory = staging ?? join(work.path, 'packs');
  return await repackImage(source, writer, plan, { ...options, keys: to.keys, known, packDirectory });
}

/** Images of the workload in the target. */
async function lineageThere(source: ImageReader, to: StorageProvider, signal: AbortSignal): Promise<ImageReader[]> {
  const workload = workloadKey(source.manifest.workload);
  const known: ImageReader[] = [];
  for await (const other of likelyImages(source, to, signal)) {
    if (workloadKey(other.manifest.workload) === workload) known.push(other);
    if (known.length === MOST_KNOWN) break;
  }
  return known;
}
