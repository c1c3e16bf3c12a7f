// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError } from '@grit/plugin-api';
import type { ImageManifest } from '../../src/format/image-manifest.js';
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
  const image = async (checkpoint: string, packs: number): Promise<{ manifest: ImageManifest }> => {
    const directory = join(home, 'made', checkpoint);
    const packed = await handPacked(
      directory,
      Array.from({ length: packs }, () => ({ own: true })),
    );
    const store = new StoredFiles(join(home, checkpoint));
    return commitPacked(store, directory, packed, { ...FACTS, checkpoint }, { signal: NEVER });
  };

  it('are adopted in the order of the images, each once', async () => {
    const [child, parent] = [await image('c-1', 2), await image('c-0', 3)];
    const known = await knownPacks(files, [child, parent], NEVER);
    assert.deepEqual(
      known.map(({ name, image: of }) => `${of}/${name}`),
      [`c-1/${packName(0)}`, `c-1/${packName(1)}`, `c-0/${packName(2)}`],
    );
    for (const { name, image: of = '', path } of known) {
      assert.deepEqual(await readFile(path), await readFile(join(home, of, 'packs', name)));
    }
  });

  it('what is gone is left out', async () => {
    const [child, parent] = [await image('c-1', 1), await image('c-0', 3)];
    await rm(join(home, 'c-1'), { recursive: true });
    await rm(join(home, 'c-0', 'packs', packName(1)));
    const known = await knownPacks(files, [child, parent], NEVER);
    assert.deepEqual(
      known.map(({ name, image: of }) => `${of}/${name}`),
      [`c-0/${packName(0)}`, `c-0/${packName(2)}`],
    );
  });

  it('are bounded', async () => {
    const readers = [await image('c-1', 2), await image('c-0', 3)];
    assert.equal((await knownPacks(files, readers, NEVER, { most: 2 })).length, 2);
    assert.equal(files.adopted.length, 2);
  });

  it('are none in a store that cannot share', async () => {
    assert.deepEqual(await knownPacks(new StoredFiles(join(home, 'c-9')), [await image('c-0', 1)], NEVER), []);
  });

  it('errors of the store and aborts come through', async () => {
    const readers = [await image('c-0', 1)];
    await failure(knownPacks(files, readers, AbortSignal.abort()), 'GRIT_ABORTED');
    files.adopt = async () => Promise.reject(new GritError('GRIT_STORAGE_UNAVAILABLE', 'gone'));
    await failure(knownPacks(files, readers, NEVER), 'GRIT_STORAGE_UNAVAILABLE');
  });
});
