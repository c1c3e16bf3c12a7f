// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError, type ImageStorageReader } from '@grit/plugin-api';
import { NO_PACK } from '../../src/format/chunk-row.js';
import type { KnownChunks } from '../../src/pack/known-chunks.js';
import type { ImageReader } from '../../src/read/image-reader.js';
import { openImage } from '../../src/read/open-image.js';
import { commitPacked } from '../../src/write/commit-packed.js';
import { knownPacks } from '../../src/write/known-packs.js';
import { FACTS, NEVER, failure } from '../facts.js';
import { StoredFiles } from './stored-files.js';
import { handPacked, packName } from './packed.js';
import { StagedFiles } from './staged-files.js';

describe('image: packs of images that are known', () => {
  let home = '';
  let files: StagedFiles;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-known-'));
    files = new StagedFiles(join(home, 'c-9'));
  });
  afterEach(() => rm(home, { recursive: true }));

  /** An image with these packs in the store. */
  const image = async (checkpoint: string, packs: number): Promise<ImageReader> => {
    const directory = join(home, 'made', checkpoint);
    const packed = await handPacked(
      directory,
      Array.from({ length: packs }, () => ({ own: true })),
    );
    const store = new StoredFiles(join(home, checkpoint));
    await commitPacked(store, directory, packed, { ...FACTS, checkpoint }, { signal: NEVER });
    return openImage(store, checkpoint, NEVER);
  };
  const named = ({ packs }: KnownChunks): string[] => packs.map(({ name, image: of }) => `${of}/${name}`);

  it('are adopted in the order of the images, each once', async () => {
    const [child, parent] = [await image('c-1', 2), await image('c-0', 3)];
    const known = await knownPacks(files, [child, parent], NEVER);
    assert.deepEqual(named(known), [`c-1/${packName(0)}`, `c-1/${packName(1)}`, `c-0/${packName(2)}`]);
    assert.equal(files.adoptCalls, 2, 'one call for an image');
    for (const { name, size, index, image: of } of known.packs) {
      const reader = of === 'c-1' ? child : parent;
      assert.deepEqual(
        { name, size, index },
        reader.manifest.packs.find((pack) => pack.name === name),
      );
    }
  });

  it('have their chunks by the rows of the images, where name and index are the same', async () => {
    const [child, parent] = [await image('c-1', 2), await image('c-0', 3)];
    const { tables } = await knownPacks(files, [child, parent], NEVER);
    assert.deepEqual(
      tables.map(({ places }) => [...places]),
      // Packs of the same name with other chunks: never the case, but for somebody who lies.
      [
        [0, 1],
        [NO_PACK, NO_PACK, 2],
      ],
    );
    assert.deepEqual(
      tables.map(({ table }) => table),
      [await child.table(NEVER), await parent.table(NEVER)],
    );
    const again = await knownPacks(files, [child, child], NEVER);
    assert.deepEqual(
      again.tables.map(({ places }) => [...places]),
      [
        [0, 1],
        [0, 1],
      ],
    );
  });

  it('are looked for in no pack', async () => {
    const reader = await image('c-0', 2);
    const asked: string[] = [];
    const read = reader.storage.read.bind(reader.storage);
    const noting: ImageStorageReader['read'] = (name, range, signal) => {
      asked.push(name);
      return read(name, range, signal);
    };
    Object.assign(reader.storage, { read: noting });
    await knownPacks(files, [reader], NEVER);
    assert.deepEqual(asked, ['rows']);
  });

  it('an image whose table is gone or damaged is left out', async () => {
    const [gone, cut, other] = [await image('c-1', 1), await image('c-2', 2), await image('c-0', 1)];
    const missing = new GritError('GRIT_IMAGE_PART_MISSING', 'no rows');
    Object.assign(gone.storage, { size: async () => Promise.reject(missing) });
    await truncate(join(home, 'c-2', 'rows'), 60);
    const known = await knownPacks(files, [gone, cut, other], NEVER);
    assert.deepEqual(named(known), [`c-0/${packName(0)}`]);
    assert.deepEqual(files.adopted, [`c-0/packs/${packName(0)}`]);
  });

  it('what is gone is left out', async () => {
    const [child, parent] = [await image('c-1', 1), await image('c-0', 3)];
    await rm(join(home, 'c-1', 'packs'), { recursive: true });
    await rm(join(home, 'c-0', 'packs', packName(1)));
    const known = await knownPacks(files, [child, parent], NEVER);
    assert.deepEqual(named(known), [`c-0/${packName(0)}`, `c-0/${packName(2)}`]);
  });

  it('are bounded', async () => {
    const readers = [await image('c-1', 2), await image('c-0', 3)];
    assert.equal((await knownPacks(files, readers, NEVER, { most: 2 })).packs.length, 2);
    assert.equal(files.adopted.length, 2);
  });

  it('are none in a store that cannot share', async () => {
    const known = await knownPacks(new StoredFiles(join(home, 'c-9')), [await image('c-0', 1)], NEVER);
    assert.deepEqual(known, { packs: [], tables: [] });
  });

  it('errors of the store and aborts come through', async () => {
    const readers = [await image('c-0', 1)];
    await failure(knownPacks(files, readers, AbortSignal.abort()), 'GRIT_ABORTED');
    files.adopt = async () => Promise.reject(new GritError('GRIT_STORAGE_UNAVAILABLE', 'gone'));
    await failure(knownPacks(files, readers, NEVER), 'GRIT_STORAGE_UNAVAILABLE');
  });
});
