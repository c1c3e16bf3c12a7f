// SPDX-License-Identifier: Apache-2.0
import { statfs } from 'node:fs/promises';
import type { GritConfig } from '../config/grit-config.js';
import type { CachedImage } from './cached-image.js';

/** What is kept of images that no restore uses. */
export interface ImageCacheLimits {
  /** Bytes of all of them. */
  readonly keepBytes: number;
  /** They go while less than this part of the file system is free. A kubelet evicts pods below 0.15. */
  readonly minFree: number;
  /** They go when nobody has asked for them for so long, milliseconds. */
  readonly maxIdleMs: number;
}

/** What is about to happen. */
export interface Expected {
  /** Bytes that are about to be written. */
  readonly bytes: number;
  /** Whether a restore is to come for the image: the quota does not count then, only the room on the disk. */
  readonly isAwaited: (checkpoint: string) => boolean;
}

/** An image that goes, and why. */
export interface Surplus {
  readonly image: CachedImage;
  readonly reason: 'incomplete' | 'old' | 'quota' | 'space';
}

/** The limits of a configuration. */
export function imageCacheLimits({ keepMiB }: GritConfig['node']['imageCache']): ImageCacheLimits {
  return { keepBytes: keepMiB * 1024 * 1024, minFree: 0.15, maxIdleMs: 24 * 60 * 60_000 };
}

/** Left by a fetch that broke off; whoever wants it goes on with it until then. */
const INCOMPLETE_MS = 10 * 60_000;

/**
 * Which of these images, that nobody uses, go: what is too old, then those that were not asked for for the longest time, until all limits hold.
 */
export async function surplusOf(
  unused: readonly CachedImage[],
  limits: ImageCacheLimits,
  directory: string,
  { bytes: needed, isAwaited }: Expected,
): Promise<Surplus[]> {
  const now = Date.now();
  const surplus: Surplus[] = [];
  const whole: { readonly image: CachedImage; readonly bytes: number; readonly usedAt: number }[] = [];
  for (const image of unused) {
    const usedAt = await image.usedAt();
    const record = await image.read();
    if (record !== undefined && now - usedAt <= limits.maxIdleMs) whole.push({ image, bytes: record.bytes, usedAt });
    else if (record !== undefined) surplus.push({ image, reason: 'old' });
    else if (now - usedAt > INCOMPLETE_MS) surplus.push({ image, reason: 'incomplete' });
  }
  const space = await statfs(directory);
  let kept = whole.reduce((sum, { bytes }) => sum + bytes, 0);
  let missing = space.blocks * space.bsize * limits.minFree + needed - space.bavail * space.bsize;
  for (const { image, bytes } of whole.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (kept <= limits.keepBytes && missing <= 0) break;
    if (missing <= 0 && isAwaited(image.checkpoint)) continue;
    surplus.push({ image, reason: kept > limits.keepBytes ? 'quota' : 'space' });
    kept -= bytes;
    missing -= bytes;
  }
  return surplus;
}
