// SPDX-License-Identifier: Apache-2.0
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LocalPart } from '@grit/plugin-api';
import { inLanes } from '../digest/in-lanes.js';
import { ByteMeter } from '../stream/byte-meter.js';
import type { FetchOptions, ImageReader } from './image-reader.js';
import type { ImageCallOptions } from './store-image.js';

const PARTS_AT_A_TIME = 4;

/**
 * Makes a verified copy of an image: part `a/b` becomes the file `a/b` below the directory, which must be nobody else's. Parts that
 * are there already and right are kept, so it continues what was interrupted. Errors: those of {@link ImageReader}.
 */
export async function fetchImage(
  reader: ImageReader,
  directory: string,
  { signal, onProgress, link, durable }: ImageCallOptions & FetchOptions,
): Promise<LocalPart[]> {
  const meter = new ByteMeter('fetch', reader.size, onProgress);
  const parts = reader.manifest.parts.map(({ name, kind, size }): LocalPart => ({
    name,
    kind,
    size,
    path: join(directory, name),
  }));
  const folders = [...new Set([directory, ...parts.map(({ path }) => dirname(path))])].sort();
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
  const bySize = [...parts].sort((a, b) => b.size - a.size);
  await inLanes(bySize.length, PARTS_AT_A_TIME, async (index) => {
    const part = bySize[index];
    if (part === undefined) return;
    await reader.fetchPart(part.name, part.path, { signal, onBytes: meter.add, link, durable });
  });
  if (durable !== false) for (const folder of folders) await syncDirectory(folder);
  meter.finish();
  return parts;
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}
