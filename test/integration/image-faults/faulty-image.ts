// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openImage, storeImage, type ImageReader } from '@grit/image';
import { GritError, isGritError, type ErrorCode, type StorageProvider } from '@grit/plugin-api';
import type { PvcStorage } from '@grit/storage-pvc';
import { floatsOf, memoryOf, randomBytesOf, writeParts } from '../image-put/corpus.js';
import { factsOf, signal } from '../image-put/stored-image.js';

/** Parts by name. */
export type Contents = Readonly<Record<string, Buffer>>;

/** Memory of every kind, some of it twice, and small files. */
export function contentsOf(seed: string, bytes: number): Contents {
  const pages = memoryOf(`${seed}-pages`, bytes);
  return {
    'criu/pages-1.img': pages,
    'criu/pages-2.img': Buffer.concat([
      Buffer.alloc(300_000),
      floatsOf(`${seed}-floats`, 400_000),
      pages.subarray(0, 204_800),
    ]),
    'criu/core-1.img': randomBytesOf(`${seed}-core`, 5000),
    'log/empty': Buffer.alloc(0),
    'log/output': Buffer.from(`${seed} wrote this\n`.repeat(2000)),
  };
}

/** Stores the contents as an image of this id, in packs that are small so that there are some. */
export async function storeContents(storage: PvcStorage, home: string, id: string, contents: Contents): Promise<void> {
  const parts = await writeParts(join(home, `source-${id}`), contents);
  const limits = { packBytes: 512 * 1024 };
  await storeImage(await storage.begin(id, signal), parts, factsOf(id), { signal, limits });
}

/** Opens an image as an agent does: only with the manifest that the catalog knows. */
export async function openKnown(storage: StorageProvider, id: string, digest: string): Promise<ImageReader> {
  const reader = await openImage(storage, id, signal);
  if (reader.digest === digest) return reader;
  throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', 'it is not the one that was stored');
}

/** What the call fails with; undefined when it does not. An error without a code fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<GritError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    assert.ok(isGritError(error) && error.code !== 'GRIT_INTERNAL', error as Error);
    return error;
  }
}

/** The call must fail with one of these codes. */
export async function failsWith(call: Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<GritError> {
  const error = await failureOf(call);
  assert.ok(error !== undefined, `it succeeded, ${codes.join(' or ')} was expected`);
  assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
  return error;
}

/** Paths below a directory of all files that have a name of a part, finished that is; the directory may be missing. */
export async function finishedFiles(directory: string): Promise<string[]> {
  const files = await filesBelow(directory);
  return files.filter((name) => !name.split('/').some((segment) => segment.startsWith('.')));
}

/** Paths below a directory of all files. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(directory, join(entry.parentPath, entry.name))).sort();
}

/** All finished files are right. */
export async function nothingWrong(directory: string, contents: Contents): Promise<void> {
  for (const name of await finishedFiles(directory)) {
    const expected = contents[name];
    assert.ok(expected !== undefined, `${name} is no part`);
    assert.ok((await readFile(join(directory, name))).equals(expected), `${name} is not what was stored`);
  }
}

/** All files are there and right, and nothing else. */
export async function isWhole(directory: string, contents: Contents): Promise<void> {
  await nothingWrong(directory, contents);
  assert.deepEqual(await filesBelow(directory), Object.keys(contents).sort());
}
