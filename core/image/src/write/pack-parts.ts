// SPDX-License-Identifier: Apache-2.0
import { lstat } from 'node:fs/promises';
import type { PartSource, ProgressListener } from '@grit/plugin-api';
import type { PackedImage } from '../pack/packed-image.js';
import { Packer, type PackerOptions } from '../pack/packer.js';

/** Packs files, the largest first. On an error or abort what was packed is removed. The first failure counts. */
export async function packParts(parts: readonly PartSource[], options: PackerOptions): Promise<PackedImage> {
  const sized = await Promise.all(parts.map(async (part) => ({ part, size: await sizeOf(part.path) })));
  sized.sort((a, b) => b.size - a.size);
  const total = sized.reduce((sum, { size }) => sum + size, 0);
  const packer = await Packer.open({ ...options, onProgress: withTotal(options.onProgress, total) });
  try {
    await Promise.all(sized.map(({ part }) => packer.addFile(part)));
    return await packer.finish({ durable: false });
  } catch (error) {
    await packer.discard().catch(() => undefined);
    throw error;
  }
}

/** For order and progress alone: what is wrong with a file is for the packer to say. */
async function sizeOf(path: string): Promise<number> {
  return lstat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The packer does not know what is still to come. */
function withTotal(listener: ProgressListener | undefined, totalBytes: number): ProgressListener | undefined {
  return listener && ((progress) => listener({ ...progress, totalBytes }));
}
