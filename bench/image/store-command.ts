// SPDX-License-Identifier: Apache-2.0
// node store-command.ts put STORE ID DIRECTORY [KNOWN…] | get STORE ID DIRECTORY: one line of JSON about what it took. STORE: a directory,
// or http://HOST:PORT/BUCKET/PREFIX/, with the keys in the environment.
import { mkdir, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fetchImage, openImage, storeImage } from '@grit/image';
import type { PartSource, StorageProvider } from '@grit/plugin-api';

const [action, store = '', id = '', directory = '', ...known] = process.argv.slice(2);
const { signal } = new AbortController();
const storage = await openStorage();
const bytes = action === 'put' ? await put() : await get();
process.stdout.write(`${JSON.stringify({ ...bytes, rssMiB: process.resourceUsage().maxRSS / 1024 })}\n`);

async function openStorage(): Promise<StorageProvider> {
  if (!store.startsWith('http:')) return new (await import('@grit/storage-pvc')).PvcStorage({ path: store });
  const { origin, pathname } = new URL(store);
  const [, bucket = '', ...prefix] = pathname.split('/');
  const { openBlob } = await import('@grit/storage-blob');
  return openBlob({ s3: { endpoint: origin, bucket, prefix: prefix.join('/') } });
}

async function put(): Promise<object> {
  const readers = await Promise.all(known.map((name) => openImage(storage, name, signal)));
  const facts = {
    checkpoint: id,
    workload: { kind: 'container', name: 'bench' },
    node: 'bench',
    createdAt: Date.now(),
    runtime: { driver: 'bench', version: 1, data: null },
    facts: {},
    timings: [],
  };
  const writer = await storage.begin(id, signal);
  const { manifest, size } = await storeImage(writer, await partsBelow(directory), facts, { signal, known: readers });
  return { ...manifest.bytes, size };
}

async function get(): Promise<object> {
  await mkdir(directory, { recursive: true });
  const reader = await openImage(storage, id, signal);
  await fetchImage(reader, directory, { signal, durable: false });
  return { size: reader.size };
}

async function partsBelow(root: string): Promise<PartSource[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { name: relative(root, path), kind: entry.name.startsWith('pages-') ? 'memory' : 'runtime', path };
    });
}
