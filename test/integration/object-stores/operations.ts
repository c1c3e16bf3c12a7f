// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fetchImage, openImage, storeImage, verifyImage } from '@grit/image';
import type { StorageProvider } from '@grit/plugin-api';
import { memoryOf, randomBytesOf, writeParts } from '../image-put/corpus.js';
import { factsOf, isIdentical, signal } from '../image-put/stored-image.js';
import { idsOf, isRaw, putAll, storeRaw, type RawImage } from './raw-image.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What stays the same in all images of a cell. */
export const IMAGE: RawImage = {
  manifest: Buffer.from('{"the":"manifest"}'),
  objects: { rows: randomBytesOf('rows', 3000), 'packs/one': randomBytesOf('one', 300 * KIB) },
};
const OTHER: RawImage = { ...IMAGE, manifest: Buffer.from('{"the":"other manifest"}') };
/** Of more than one part of an upload, in every service. */
const LARGE = randomBytesOf('large', 12 * MIB + 77);
const PACK = IMAGE.objects['packs/one'] ?? Buffer.alloc(0);

/** Where a cell of the matrix is worked on. */
interface Scene {
  /** Through the proxy. */
  readonly faulty: StorageProvider;
  /** The same store, past the proxy. */
  readonly clean: StorageProvider;
  /** Nobody else's. */
  readonly directory: string;
}

/** A row of the matrix. */
export interface Operation {
  readonly name: string;
  /** What the image `c-1` may be afterwards, should it be there. */
  readonly images: readonly RawImage[];
  /** Bytes that were changed on their way are the caller's to find: a manifest says what they should be. */
  readonly unverified?: true;
  /** Before the faults. What it returns is run with them, and what that returns when it has succeeded, without them. */
  prepare(scene: Scene): Promise<() => Promise<() => Promise<void>>>;
}

const isThere = ({ clean }: Scene, image = IMAGE) => {
  return (): Promise<void> => isRaw(clean, 'c-1', image);
};

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'begin',
    images: [IMAGE],
    prepare: async (scene) => async () => {
      const writer = await scene.faulty.begin('c-1', signal);
      return async () => {
        await putAll(writer, IMAGE.objects);
        await writer.commit(IMAGE.manifest, signal);
        await isRaw(scene.clean, 'c-1', IMAGE);
      };
    },
  },
  {
    name: 'put',
    images: [IMAGE],
    prepare: async (scene) => {
      const writer = await scene.faulty.begin('c-1', signal);
      return async () => {
        await putAll(writer, IMAGE.objects);
        return async () => {
          await writer.commit(IMAGE.manifest, signal);
          await isRaw(scene.clean, 'c-1', IMAGE);
        };
      };
    },
  },
  {
    name: 'put of many parts',
    images: [],
    prepare: async (scene) => {
      const writer = await scene.faulty.begin('c-1', signal);
      return async () => {
        await putAll(writer, { large: LARGE });
        return async () => {
          await writer.commit(IMAGE.manifest, signal);
          await isRaw(scene.clean, 'c-1', { ...IMAGE, objects: { large: LARGE } });
        };
      };
    },
  },
  ...[PACK, LARGE].map((bytes): Operation => ({
    name: bytes === PACK ? 'putFile' : 'putFile of many parts',
    images: [],
    prepare: async (scene) => {
      const path = join(scene.directory, 'pack');
      await writeFile(path, bytes);
      const writer = await scene.faulty.begin('c-1', signal);
      return async () => {
        assert.equal(await writer.putFile?.('packs/file', path, { signal, identity: 'crc:1' }), true);
        return async () => {
          await writer.commit(IMAGE.manifest, signal);
          await isRaw(scene.clean, 'c-1', { ...IMAGE, objects: { 'packs/file': bytes } });
        };
      };
    },
  })),
  {
    name: 'adopt',
    images: [IMAGE],
    prepare: async (scene) => {
      await storeRaw(scene.clean, 'base', IMAGE);
      const writer = await scene.faulty.begin('c-1', signal);
      return async () => {
        assert.deepEqual(await writer.adopt?.('base', ['packs/one', 'packs/none'], signal), ['packs/one']);
        assert.equal(await writer.putAdopted?.('packs/one', signal), true);
        return async () => {
          await scene.clean.delete('base', signal);
          await putAll(writer, { rows: IMAGE.objects.rows ?? PACK });
          await writer.commit(IMAGE.manifest, signal);
          await isRaw(scene.clean, 'c-1', IMAGE);
        };
      };
    },
  },
  {
    name: 'commit',
    images: [IMAGE],
    prepare: async (scene) => {
      const writer = await scene.faulty.begin('c-1', signal);
      await putAll(writer, IMAGE.objects);
      return async () => {
        await writer.commit(IMAGE.manifest, signal);
        return isThere(scene);
      };
    },
  },
  {
    name: 'open',
    images: [IMAGE],
    prepare: async (scene) => {
      await storeRaw(scene.clean, 'c-1', IMAGE);
      return async () => {
        await scene.faulty.open('c-1', signal);
        return isThere(scene);
      };
    },
  },
  {
    name: 'manifest and size',
    images: [IMAGE],
    unverified: true,
    prepare: async (scene) => {
      await storeRaw(scene.clean, 'c-1', IMAGE);
      return async () => {
        const reader = await scene.faulty.open('c-1', signal);
        const manifest = await reader.manifest(signal);
        const size = await reader.size('packs/one', signal);
        return async () => {
          assert.ok(IMAGE.manifest.equals(manifest), 'another manifest');
          assert.equal(size, PACK.length);
        };
      };
    },
  },
  {
    name: 'read',
    images: [IMAGE],
    unverified: true,
    prepare: async (scene) => {
      await storeRaw(scene.clean, 'c-1', IMAGE);
      const reader = await scene.faulty.open('c-1', signal);
      return async () => {
        const read = await buffer(Readable.from(reader.read('packs/one', { start: 1000, end: 250_000 }, signal)));
        return async () => assert.ok(PACK.subarray(1000, 250_000).equals(read), 'other bytes');
      };
    },
  },
  {
    name: 'readInto',
    images: [IMAGE],
    unverified: true,
    prepare: async (scene) => {
      await storeRaw(scene.clean, 'c-1', IMAGE);
      const reader = await scene.faulty.open('c-1', signal);
      return async () => {
        const target = Buffer.alloc(PACK.length);
        await reader.readInto?.('packs/one', { start: 0, end: PACK.length }, target, signal);
        return async () => assert.ok(PACK.equals(target), 'other bytes');
      };
    },
  },
  {
    name: 'list',
    images: [IMAGE],
    prepare: async (scene) => {
      for (const id of ['c-0', 'c-1', 'c-2']) await storeRaw(scene.clean, id, IMAGE);
      await scene.clean.begin('c-3', signal);
      return async () => {
        const ids = await idsOf(scene.faulty);
        return async () => assert.deepEqual(ids, ['c-0', 'c-1', 'c-2']);
      };
    },
  },
  {
    name: 'delete',
    images: [IMAGE],
    prepare: async (scene) => {
      await storeRaw(scene.clean, 'c-1', IMAGE);
      return async () => {
        await scene.faulty.delete('c-1', signal);
        return async () => assert.deepEqual(await idsOf(scene.clean), []);
      };
    },
  },
  {
    name: 'delete of what was not committed',
    images: [],
    prepare: async (scene) => {
      await putAll(await scene.clean.begin('c-1', signal), IMAGE.objects);
      return async () => {
        await scene.faulty.delete('c-1', signal);
        return async () => assert.deepEqual(await idsOf(scene.clean), []);
      };
    },
  },
  {
    name: 'collect',
    images: [IMAGE],
    prepare: async (scene) => {
      await storeRaw(scene.clean, 'c-1', IMAGE);
      await storeRaw(scene.clean, 'c-2', IMAGE);
      await scene.clean.delete('c-2', signal);
      await putAll(await scene.clean.begin('c-3', signal), IMAGE.objects);
      return async () => {
        for (let run = 0; run < 2; run++) await scene.faulty.collect?.({ signal, graceMs: 0 });
        return isThere(scene);
      };
    },
  },
  {
    name: 'replaceManifest',
    images: [IMAGE, OTHER],
    prepare: async (scene) => {
      await storeRaw(scene.clean, 'c-1', IMAGE);
      return async () => {
        const manifests = { expected: IMAGE.manifest, manifest: OTHER.manifest };
        await scene.faulty.replaceManifest?.('c-1', manifests, signal);
        return isThere(scene, OTHER);
      };
    },
  },
  {
    name: 'store, verify, fetch',
    images: [],
    prepare: async (scene) => {
      const parts = await writeParts(join(scene.directory, 'source'), {
        'criu/pages-1.img': memoryOf('whole', 700 * KIB),
        'criu/core-1.img': randomBytesOf('core', 5000),
      });
      return async () => {
        const writer = await scene.faulty.begin('w-1', signal);
        await storeImage(writer, parts, factsOf('w-1'), { signal, limits: { packBytes: 128 * KIB } });
        const reader = await openImage(scene.faulty, 'w-1', signal);
        await verifyImage(reader, { signal });
        await fetchImage(reader, join(scene.directory, 'copy'), { signal, durable: false });
        return () => isIdentical(scene.clean, 'w-1', parts, join(scene.directory, 'copy-2'));
      };
    },
  },
];
