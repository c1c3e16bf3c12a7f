// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { lstat, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchImage, openImage, verifyImage, type ImageFacts, type ImageReader } from '@grit/image';
import type { PartSource, StorageProvider } from '@grit/plugin-api';

export const signal = new AbortController().signal;

const ROW_BYTES = 56;
const NO_PACK = 0xffff_ffff;

export function factsOf(checkpoint: string): ImageFacts {
  return {
    checkpoint,
    workload: { kind: 'container', name: 'train' },
    node: 'local',
    createdAt: 1_700_000_000_000,
    runtime: { driver: 'criu', version: 1, data: null },
    facts: { arch: 'x64' },
    timings: [],
  };
}

/** Every image of the store passes the deep verification. Returns their ids. */
export async function verifyStore(storage: StorageProvider): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of storage.list(signal)) {
    await verifyImage(await openImage(storage, id, signal), { signal });
    ids.push(id);
  }
  return ids.sort();
}

/** The image has the bytes of the parts, each chunk in one place only. */
export async function isIdentical(
  storage: StorageProvider,
  id: string,
  parts: readonly PartSource[],
  directory: string,
): Promise<void> {
  const reader = await openImage(storage, id, signal);
  await fetchImage(reader, directory, { signal, durable: false });
  for (const { name, path } of parts) {
    const same = (await readFile(path)).equals(await readFile(join(directory, name)));
    assert.ok(same, `${name} of ${id} is not what was stored`);
  }
  await rm(directory, { recursive: true });
  await storedBytes(reader);
}

/** Stored bytes of the chunks of each pack, by its name. Fails when a chunk is in two places. */
export async function storedBytes(reader: ImageReader): Promise<Map<string, number>> {
  const table = await reader.table(signal);
  const places = new Map<string, string>();
  const bytes = new Map(reader.manifest.packs.map(({ name }) => [name, 0]));
  for (let at = 0; at < table.length; at += ROW_BYTES) {
    const pack = table.readUInt32LE(at + 40);
    if (pack === NO_PACK) continue;
    const name = reader.manifest.packs[pack]?.name ?? '';
    const hash = table.toString('hex', at, at + 32);
    const place = `${name}:${table.readUInt32LE(at + 44)}`;
    const known = places.get(hash);
    if (known === undefined) bytes.set(name, (bytes.get(name) ?? 0) + table.readUInt32LE(at + 48));
    else assert.equal(place, known, `chunk ${hash} was stored twice`);
    places.set(hash, place);
  }
  return bytes;
}

/** A file that a writer has left or stored: inode and size by name. */
export type Packs = ReadonlyMap<string, { readonly inode: bigint; readonly size: number }>;

/** The finished packs in the staging of writers of an image that is not committed. */
export async function stagedPacks(store: string, id: string): Promise<Packs> {
  const writing = join(store, 'writing');
  const directories = (await readdir(writing)).filter((name) => name.startsWith(`${id}.`));
  const found = await Promise.all(directories.map((name) => packsIn(join(writing, name, 'staging'))));
  return new Map(found.flatMap((packs) => [...packs]));
}

/** The packs of a committed image. */
export async function committedPacks(store: string, id: string): Promise<Packs> {
  return packsIn(join(store, 'images', id, 'parts', 'packs'));
}

async function packsIn(directory: string): Promise<Packs> {
  const names = await readdir(directory).catch(() => []);
  const packs = names.filter((name) => /^pk-[A-Za-z0-9]{26}$/.test(name));
  const entries = packs.map(async (name) => {
    const { ino: inode, size } = await lstat(join(directory, name), { bigint: true });
    return [name, { inode, size: Number(size) }] as const;
  });
  return new Map(await Promise.all(entries));
}
