// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { ImageStorageReader, ImageStorageWriter, StorageProvider } from '@grit/plugin-api';
import { NEVER, failsWith } from '../suites/expect.js';

const CHUNK_BYTES = 100_000;

/** An opaque manifest. */
export const MANIFEST: Uint8Array = Buffer.from('{"manifest":1}');

/** Bytes that look random and follow from the seed. */
export function bytesOf(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = (seed + 1) * 0x9e3779b1;
  for (let at = 0; at < size; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

/** The bytes as a stream of pieces. */
export async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** Everything that a stream gives. */
export async function drain(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function put(writer: ImageStorageWriter, name: string, bytes: Uint8Array): Promise<void> {
  return writer.put(name, streamOf(bytes), { signal: NEVER });
}

/** Commits an image with these objects. */
export async function commitImage(
  storage: StorageProvider,
  id: string,
  objects: Readonly<Record<string, Uint8Array>>,
  manifest = MANIFEST,
): Promise<void> {
  const writer = await storage.begin(id, NEVER);
  for (const [name, bytes] of Object.entries(objects)) await put(writer, name, bytes);
  await writer.commit(manifest, NEVER);
}

export async function readWhole(reader: ImageStorageReader, name: string): Promise<Buffer> {
  return drain(reader.read(name, { start: 0, end: await reader.size(name, NEVER) }, NEVER));
}

/** Neither opened nor listed. */
export async function isInvisible(storage: StorageProvider, id: string): Promise<void> {
  await failsWith(storage.open(id, NEVER), 'GRIT_CHECKPOINT_NOT_FOUND', 'GRIT_IMAGE_MANIFEST_MISSING');
  assert.deepEqual((await listed(storage)).includes(id), false, `${id} is listed`);
}

/** Ids of all images, sorted. */
export async function listed(storage: StorageProvider): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of storage.list(NEVER)) ids.push(id);
  return ids.sort();
}
