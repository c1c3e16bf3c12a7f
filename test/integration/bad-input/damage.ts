// SPDX-License-Identifier: Apache-2.0
import { open, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** An object of an image in a store. */
export interface StoredObject {
  readonly path: string;
  readonly size: number;
}

/** The largest object of an image whose directory is given, or the one that has so many larger than itself. */
export async function largestObject(image: string, larger = 0): Promise<StoredObject> {
  const objects = join(image, 'parts');
  const entries = await readdir(objects, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (path) => ({ path, size: (await stat(path)).size })));
  const largest = sizes.sort((a, b) => b.size - a.size)[larger];
  if (largest === undefined) throw new Error(`no objects in ${objects}`);
  return largest;
}

/** Names of the parts of an image: what an error about its chunks has to name. */
export async function partsOf(image: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(image, 'manifest.json'), 'utf8')) as {
    readonly parts: readonly { readonly name: string }[];
  };
  return manifest.parts.map(({ name }) => name);
}

/** Changes one byte in the middle. */
export async function flipByte(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const at = Math.floor((await file.stat()).size / 2);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.of((buffer[0] ?? 0) ^ 0xff), 0, 1, at);
}
