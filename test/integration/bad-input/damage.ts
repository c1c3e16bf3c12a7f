// SPDX-License-Identifier: Apache-2.0
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A part of an image in a store. */
export interface StoredPart {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/** The largest part of an image whose directory is given, or the one that has so many larger than itself. */
export async function largestPart(image: string, larger = 0): Promise<StoredPart> {
  const parts = join(image, 'parts');
  const entries = await readdir(parts, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (path) => ({ path, size: (await stat(path)).size })));
  const largest = sizes.sort((a, b) => b.size - a.size)[larger];
  if (largest === undefined) throw new Error(`no parts in ${parts}`);
  return { ...largest, name: relative(parts, largest.path) };
}

/** Changes one byte in the middle. */
export async function flipByte(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const at = Math.floor((await file.stat()).size / 2);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.of((buffer[0] ?? 0) ^ 0xff), 0, 1, at);
}
