// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageProviderSuite } from '@grit/plugin-testing';
import { PvcStorage } from '../src/pvc-storage.js';

/**
 * The suite runs once with the source beside the store, where hard links work, once with a source on another file system, and once with
 * images that are encrypted.
 */
for (const [title, sources, keys] of [
  ['same file system', tmpdir(), false],
  ['other file system', '/dev/shm', false],
  ['encrypted', tmpdir(), true],
] as const) {
  storageProviderSuite({
    staging: true,
    adoption: true,
    readInto: true,
    replaceManifest: true,
    collect: true,
    keys,
    title: `storage-pvc: conformance, ${title}`,
    create: async () => {
      const home = await mkdtemp(join(tmpdir(), 'grit-pvc-'));
      const directory = await mkdtemp(join(sources, 'grit-pvc-source-'));
      const path = join(home, 'store');
      const image = (id: string, part: string): string => join(path, 'images', id, 'parts', part);
      return {
        storage: new PvcStorage({ path }),
        directory,
        home,
        reopen: async () => new PvcStorage({ path }),
        litter: {
          put: () => writeFile(join(path, 'notes'), 'mine'),
          isThere: () =>
            stat(join(path, 'notes')).then(
              () => true,
              () => false,
            ),
        },
        damage: {
          corrupt: (id, part, offset) => flip(image(id, part), offset),
          truncate: (id, part, size) => truncate(image(id, part), size),
          remove: (id, part) => rm(image(id, part)),
          removeManifest: (id) => rm(join(path, 'images', id, 'manifest.json')),
        },
      };
    },
    destroy: async (subject) => {
      await rm((subject as unknown as { readonly home: string }).home, { recursive: true });
      await rm(subject.directory, { recursive: true });
    },
  });
}

async function flip(path: string, offset: number): Promise<void> {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  await file.write(Buffer.from([byte[0]! ^ 0xff]), 0, 1, offset);
}
