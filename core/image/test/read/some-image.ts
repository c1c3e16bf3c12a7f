// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import type { ImageReader } from '../../src/read/image-reader.js';
import { openImage } from '../../src/read/open-image.js';
import { storeImage } from '../../src/write/store-image.js';
import { FACTS, NEVER } from '../facts.js';
import { KINDS, bytesOf } from '../some-data.js';
import { MemoryStore } from './memory-store.js';

/** Parts by name. */
export type Contents = Readonly<Record<string, Buffer>>;

/** Packs the contents into a store and opens the image. */
export async function storedImage(
  home: string,
  contents: Contents,
  store = new MemoryStore(),
): Promise<[MemoryStore, ImageReader]> {
  const source = join(home, 'source');
  await mkdir(source, { recursive: true });
  const parts = await Promise.all(
    Object.entries(contents).map(async ([name, bytes], index) => {
      const path = join(source, String(index));
      await writeFile(path, bytes);
      return { name, kind: 'memory' as const, path };
    }),
  );
  await storeImage(store, parts, FACTS, { signal: NEVER, workDirectory: home, keys: store.keys });
  return [store, await openImage(store, FACTS.checkpoint, NEVER)];
}

/** The directory has exactly these parts. */
export async function hasExactly(directory: string, contents: Contents): Promise<void> {
  for (const [name, bytes] of Object.entries(contents)) {
    const found = await readFile(join(directory, name));
    assert.ok(
      found.equals(bytes),
      `${name} of ${found.length} bytes is not the one of ${bytes.length} that was stored`,
    );
  }
  assert.deepEqual(await filesBelow(directory), Object.keys(contents).sort());
}

/** Paths of all that is no directory, hidden or not, below a directory that may be missing. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => relative(directory, join(entry.parentPath, entry.name))).sort();
}

/** Images with pieces of all kinds, some of them several times, and parts of any length. */
export const contents: fc.Arbitrary<Contents> = fc
  .record({
    pieces: fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(2 ** 31), fc.integer({ min: 1, max: 40 })), {
      minLength: 1,
      maxLength: 5,
    }),
    parts: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'criu/pages-1.img', 'criu/core-1.img', 'deep/er/file', 'z'),
        use: fc.array(fc.nat(20), { maxLength: 8 }),
        extra: fc.nat(5000),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    ),
  })
  .map(({ pieces, parts }) => {
    const all = pieces.map(([kind, seed, pages]) => bytesOf(kind, pages * 4096, seed));
    const made = Object.fromEntries(
      parts.map(({ name, use, extra }) => {
        const whole = use.flatMap((index) => all[index % all.length] ?? []);
        return [name, Buffer.concat([...whole, bytesOf('text', extra, extra)])];
      }),
    );
    // What a failure shows: what they are made of, not every byte.
    const shown = (): string => JSON.stringify({ pieces, parts });
    return Object.defineProperty(made, fc.toStringMethod, { value: shown });
  });
