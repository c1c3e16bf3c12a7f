// SPDX-License-Identifier: Apache-2.0
import { lstat } from 'node:fs/promises';
import type { PartSource, ProgressListener } from '@grit/plugin-api';
import { findPagesFiles, type PagesFile } from '../criu/pages-files.js';
import { sendPages } from '../criu/send-pages.js';
import { namingPart } from '../damage.js';
import type { PackedImage } from '../pack/packed-image.js';
import { Packer, type PackerOptions } from '../pack/packer.js';

/**
 * Packs files, the largest first; the pages files of CRIU by address, so that they have the chunks that their pages would have if
 * they were streamed. On an error or abort what was packed is removed. The first failure counts.
 */
export async function packParts(parts: readonly PartSource[], options: PackerOptions): Promise<PackedImage> {
  const sizes = new Map(await Promise.all(parts.map(async (part) => [part, await sizeOf(part.path)] as const)));
  const size = (part: PartSource): number => sizes.get(part) ?? 0;
  const pagesFiles = await findPagesFiles(
    parts.filter((part) => sizes.get(part) !== undefined),
    size,
  );
  const byAddress = pagesFiles.filter(({ part }) => part.kind === 'memory');
  const streamed = new Set(byAddress.map(({ part }) => part));
  const others = parts.filter((part) => !streamed.has(part)).sort((a, b) => size(b) - size(a));
  const total = parts.reduce((sum, part) => sum + size(part), 0);

  const packer = await Packer.open({ ...options, onProgress: withTotal(options.onProgress, total) });
  try {
    await Promise.all([sendAll(packer, byAddress, options.signal), ...others.map((part) => packer.addFile(part))]);
    return await packer.finish({ durable: false });
  } catch (error) {
    await packer.discard().catch(() => undefined);
    throw error;
  }
}

/** One sink for all: each has a buffer of the few that there are. */
async function sendAll(packer: Packer, files: readonly PagesFile[], signal: AbortSignal): Promise<void> {
  if (files.length === 0) return;
  const sink = packer.openPages();
  for (const file of files) {
    await sendPages(sink, file, signal).catch((error: unknown) => {
      throw namingPart(error, file.part.name);
    });
  }
}

/** Bytes of a regular file. What is wrong with anything else is for the packer to say. */
async function sizeOf(path: string): Promise<number | undefined> {
  return lstat(path).then(
    (stat) => (stat.isFile() ? stat.size : undefined),
    () => undefined,
  );
}

/** The packer does not know what is still to come. */
function withTotal(listener: ProgressListener | undefined, totalBytes: number): ProgressListener | undefined {
  return listener && ((progress) => listener({ ...progress, totalBytes }));
}
