// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGritError } from '@grit/plugin-api';
import { MemoryStorage, type MemoryImage } from '../src/storage/memory-storage.js';
import { storageProviderSuite } from '../src/storage/storage-provider-suite.js';
import type { StorageDamage } from '../src/storage/storage-subject.js';

const NEVER = new AbortController().signal;

function damageOf(images: Map<string, MemoryImage>): StorageDamage {
  const change = (id: string, part: string, edit: (bytes: Uint8Array) => Uint8Array): void => {
    const objects = images.get(id)!.objects;
    objects.set(part, edit(objects.get(part)!));
  };
  return {
    corrupt: async (id, part, offset) =>
      change(id, part, (bytes) => bytes.map((byte, at) => (at === offset ? byte ^ 0xff : byte))),
    truncate: async (id, part, size) => change(id, part, (bytes) => bytes.subarray(0, size)),
    remove: async (id, part) => void images.get(id)!.objects.delete(part),
    removeManifest: async (id) => void (images.get(id)!.manifest = undefined),
  };
}

storageProviderSuite({
  title: 'storage in memory: conformance',
  adoption: true,
  readInto: true,
  replaceManifest: true,
  collect: true,
  create: async () => {
    const images = new Map<string, MemoryImage>();
    const directory = await mkdtemp(join(tmpdir(), 'grit-memory-storage-'));
    return {
      storage: new MemoryStorage({ images }),
      directory,
      reopen: async () => new MemoryStorage({ images }),
      litter: {
        put: async () => void images.set('remains', { manifest: undefined, objects: new Map(), committedAt: 0 }),
        isThere: async () => images.has('remains'),
      },
      damage: damageOf(images),
    };
  },
  destroy: ({ directory }) => rm(directory, { recursive: true }),
});

describe('storage in memory', () => {
  it('is full at its capacity, and has room again after an abort', async () => {
    const storage = new MemoryStorage({ capacity: 100 });
    const writer = await storage.begin('c-1', NEVER);
    const put = (): Promise<void> => writer.put('a', bytes(60), { signal: NEVER });
    await put();
    await assert.rejects(put(), (error) => isGritError(error) && error.code === 'GRIT_STORAGE_FULL');
    await writer.abort(NEVER);
    await (await storage.begin('c-2', NEVER)).put('a', bytes(100), { signal: NEVER });
  });
});

async function* bytes(count: number): AsyncGenerator<Uint8Array, void> {
  yield Buffer.alloc(count);
}
