// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { isGritError, type ImageStorageWriter, type StorageProvider } from '@grit/plugin-api';
import { signal } from '../image-put/stored-image.js';

/** An image as a store knows it: opaque bytes. */
export interface RawImage {
  readonly manifest: Buffer;
  readonly objects: Readonly<Record<string, Buffer>>;
}

/** In pieces of a size that fits to nothing. */
async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
}

export async function putAll(writer: ImageStorageWriter, objects: RawImage['objects']): Promise<void> {
  for (const [name, bytes] of Object.entries(objects)) await writer.put(name, piecesOf(bytes), { signal });
}

export async function storeRaw(storage: StorageProvider, id: string, { manifest, objects }: RawImage): Promise<void> {
  const writer = await storage.begin(id, signal);
  await putAll(writer, objects);
  await writer.commit(manifest, signal);
}

/** All bytes are right. */
export async function isRaw(storage: StorageProvider, id: string, { manifest, objects }: RawImage): Promise<void> {
  const reader = await storage.open(id, signal);
  assert.ok(manifest.equals(await reader.manifest(signal)), `manifest of ${id}`);
  for (const [name, bytes] of Object.entries(objects)) {
    assert.equal(await reader.size(name, signal), bytes.length, `size of ${name}`);
    const read = await buffer(Readable.from(reader.read(name, { start: 0, end: bytes.length }, signal)));
    assert.ok(bytes.equals(read), `bytes of ${name}`);
  }
}

export async function idsOf(storage: StorageProvider): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of storage.list(signal)) ids.push(id);
  return ids.sort();
}

/** `list` and `open` agree on whether it is there, and if so it is whole and one of these. Returns which. */
export async function whichOf(
  storage: StorageProvider,
  id: string,
  images: readonly RawImage[],
): Promise<RawImage | undefined> {
  const listed = (await idsOf(storage)).includes(id);
  const manifest = await manifestOf(storage, id);
  assert.equal(manifest !== undefined, listed, `${id}: list and open do not agree`);
  if (manifest === undefined) return undefined;
  const image = images.find((candidate) => candidate.manifest.equals(manifest));
  assert.ok(image !== undefined, `${id} has a manifest that nobody committed: ${manifest.toString('hex', 0, 40)}`);
  await isRaw(storage, id, image);
  return image;
}

async function manifestOf(storage: StorageProvider, id: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await (await storage.open(id, signal)).manifest(signal));
  } catch (error) {
    if (isGritError(error) && ['GRIT_CHECKPOINT_NOT_FOUND', 'GRIT_IMAGE_MANIFEST_MISSING'].includes(error.code))
      return undefined;
    throw error;
  }
}
