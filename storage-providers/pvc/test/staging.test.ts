// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageStorageWriter } from '@grit/plugin-api';
import { PvcStorage } from '../src/pvc-storage.js';

const NEVER = new AbortController().signal;
const MANIFEST = Buffer.from('{}');

describe('storage-pvc: staging and adoption', () => {
  let home = '';
  let path = '';
  let storage: PvcStorage;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-pvc-staging-'));
    path = join(home, 'store');
    storage = new PvcStorage({ path });
  });
  afterEach(() => rm(home, { recursive: true }));

  it('objects out of the staging and of other images are hard links, and nothing else gets into the image', async () => {
    const base = await storage.begin('c-base', NEVER);
    await stage(base, 'one', 'first');
    await base.commit(MANIFEST, NEVER);
    const writer = await storage.begin('c-next', NEVER);
    const file = await stage(writer, 'two', 'second');
    await stage(writer, 'unused', 'not put', false);
    assert.deepEqual(await writer.adopt!('c-base', ['packs/one', 'packs/two'], NEVER), ['packs/one']);
    assert.equal(await writer.putAdopted!('packs/one', NEVER), true);
    const inodes = [await inode(file), await inode(join(path, 'images/c-base/parts/packs/one'))];
    await writer.commit(MANIFEST, NEVER);

    const image = join(path, 'images/c-next');
    assert.deepEqual((await readdir(image, { recursive: true })).sort(), [
      'manifest.json',
      'parts',
      'parts/packs',
      'parts/packs/one',
      'parts/packs/two',
    ]);
    assert.deepEqual(
      [await inode(join(image, 'parts/packs/two')), await inode(join(image, 'parts/packs/one'))],
      inodes,
    );
    assert.equal((await stat(join(image, 'parts/packs/two'))).nlink, 1);
    assert.deepEqual(await readdir(join(path, 'writing')), []);
    assert.deepEqual(await readdir(join(path, 'trash')), []);
  });

  it('is nobody else’s to look into', async () => {
    const base = await storage.begin('c-base', NEVER);
    await stage(base, 'one', 'first');
    await base.commit(MANIFEST, NEVER);
    const writer = await storage.begin('c-next', NEVER);
    const staging = await writer.staging!(NEVER);
    await writer.adopt!('c-base', ['packs/one'], NEVER);
    for (const directory of [staging, join(staging, '..'), join(staging, '../adopted'), join(path, 'writing')]) {
      assert.equal((await stat(directory)).mode & 0o777, 0o700, directory);
    }
  });

  it('of several dead writers the newest staging that has something in it stays', async () => {
    for (const [name, time, file] of [
      ['c-1.aaaaaaaaaaaa', 1000, 'old'],
      ['c-1.bbbbbbbbbbbb', 3000, 'newest'],
      ['c-1.cccccccccccc', 2000, 'older'],
      ['c-1.dddddddddddd', 4000, undefined],
      ['c-1x.eeeeeeeeeeee', 5000, 'of another'],
    ] as const) {
      await storage.check(NEVER);
      const staging = join(path, 'writing', name, 'staging');
      await mkdir(staging, { recursive: true });
      if (file) await writeFile(join(staging, file), '');
      await utimes(staging, time, time);
    }
    await mkdir(join(path, 'writing', 'c-1.ffffffffffff'));
    const writer = await storage.begin('c-1', NEVER);
    assert.deepEqual(await readdir(await writer.staging!(NEVER)), ['newest']);
    assert.equal((await readdir(join(path, 'writing'))).length, 2);
    await writer.commit(MANIFEST, NEVER);
    assert.deepEqual(await readdir(join(path, 'writing')), ['c-1x.eeeeeeeeeeee']);
  });

  it('of several dead writers all that they have adopted stays', async () => {
    const base = await storage.begin('c-base', NEVER);
    for (const name of ['one', 'two', 'three']) await stage(base, name, name);
    await base.commit(MANIFEST, NEVER);
    const hidden = join(home, 'hidden');
    await mkdir(hidden);
    // Out of each other's sight, as if all had looked before one of them was there; only the first has staged something.
    for (const name of ['one', 'two', 'three']) {
      const writer = await storage.begin('c-1', NEVER);
      await writer.adopt!('c-base', ['packs/one', `packs/${name}`], NEVER);
      if (name === 'one') await stage(writer, 'pack', 'staged', false);
      for (const entry of await readdir(join(path, 'writing')))
        await rename(join(path, 'writing', entry), join(hidden, entry));
    }
    for (const entry of await readdir(hidden)) await rename(join(hidden, entry), join(path, 'writing', entry));
    await storage.delete('c-base', NEVER);
    const next = await storage.begin('c-1', NEVER);
    assert.deepEqual(await readdir(await next.staging!(NEVER)), ['pack']);
    for (const name of ['one', 'two', 'three'])
      assert.equal(await next.putAdopted!(`packs/${name}`, NEVER), true, name);
    await next.commit(MANIFEST, NEVER);
    for (const name of ['one', 'two', 'three']) {
      assert.equal(await readFile(join(path, 'images/c-1/parts/packs', name), 'utf8'), name);
    }
    assert.deepEqual(await readdir(join(path, 'writing')), []);
  });

  it('what was adopted stays also where nothing was staged, and long names are no trouble', async () => {
    const name = Array.from({ length: 8 }, () => 'x'.repeat(128)).join('/');
    const base = await storage.begin('c-base', NEVER);
    await stage(base, 'one', 'first');
    assert.ok(await base.putFile!(name, await stage(base, 'two', 'second', false), { signal: NEVER }));
    await base.commit(MANIFEST, NEVER);
    const names = ['packs/one', name];
    assert.deepEqual(await (await storage.begin('c-1', NEVER)).adopt!('c-base', names, NEVER), names);
    await storage.begin('c-1', NEVER);
    await storage.delete('c-base', NEVER);
    const next = await storage.begin('c-1', NEVER);
    for (const held of names) assert.equal(await next.putAdopted!(held, NEVER), true, held);
  });

  it('a committed image that is begun again or deleted loses what a crash left of its writer', async () => {
    const left = join(path, 'writing', 'c-1.aaaaaaaaaaaa', 'staging');
    for (const again of ['begin', 'delete'] as const) {
      await (await storage.begin('c-1', NEVER)).commit(MANIFEST, NEVER);
      await mkdir(left, { recursive: true });
      await writeFile(join(left, 'pack'), '');
      await storage[again]('c-1', NEVER);
      assert.deepEqual(await readdir(join(path, 'writing')), [], again);
    }
  });

  it('a check leaves what is staged alone', async () => {
    const writer = await storage.begin('c-1', NEVER);
    const file = await stage(writer, 'one', 'bytes');
    await new PvcStorage({ path }).check(NEVER);
    assert.equal(await readFile(file, 'utf8'), 'bytes');
  });

  it('of two writers at the same moment the first commit counts, the other one compares, and nothing of it is left', async () => {
    const writing = join(path, 'writing');
    for (const [id, manifest] of [
      ['c-same', MANIFEST],
      ['c-other', Buffer.from('{"other":1}')],
    ] as const) {
      const late = await storage.begin(id, NEVER);
      const [name] = await readdir(writing);
      // Out of the other's sight, as if both had looked before one of them was there.
      await rename(join(writing, name!), join(home, 'hidden'));
      const first = await storage.begin(id, NEVER);
      await stage(first, 'one', 'first');
      await rename(join(home, 'hidden'), join(writing, name!));
      await first.commit(MANIFEST, NEVER);
      await stage(late, 'one', 'late');
      if (id === 'c-same') await late.commit(manifest, NEVER);
      else await assert.rejects(late.commit(manifest, NEVER), { code: 'GRIT_IDEMPOTENCY_CONFLICT' });
      assert.equal(await readFile(join(path, 'images', id, 'parts/packs/one'), 'utf8'), 'first');
      assert.deepEqual(await readdir(writing), [], id);
    }
  });

  it('a commit that somebody has deleted since is no success', async () => {
    const writer = await storage.begin('c-1', NEVER);
    await writer.commit(MANIFEST, NEVER);
    await storage.delete('c-1', NEVER);
    await assert.rejects(writer.commit(MANIFEST, NEVER), { code: 'GRIT_STEP_FENCED' });
  });

  it('what is no plain file in an image is not adopted', async () => {
    await (await storage.begin('c-base', NEVER)).commit(MANIFEST, NEVER);
    const parts = join(path, 'images/c-base/parts');
    await writeFile(join(home, 'secret'), 'secret');
    await symlink(join(home, 'secret'), join(parts, 'link'));
    await mkdir(join(parts, 'folder'));
    const writer = await storage.begin('c-next', NEVER);
    assert.deepEqual(await writer.adopt!('c-base', ['link', 'folder'], NEVER), []);
    assert.deepEqual(
      await readdir(join(path, 'writing'), { recursive: true }).then((all) =>
        all.filter((name) => /adopted\//.test(name)),
      ),
      [],
    );
  });

  it('two that begin at the same moment: one writes, nobody finds half an image', async () => {
    for (let round = 0; round < 20; round++) {
      const id = `c-${round}`;
      const dead = await storage.begin(id, NEVER);
      await stage(dead, 'one', 'staged', false);
      const writers = await Promise.allSettled([1, 2, 3].map(() => new PvcStorage({ path }).begin(id, NEVER)));
      const results = await Promise.allSettled(
        writers.map(async (begun) => {
          if (begun.status === 'rejected') throw begun.reason;
          await stage(begun.value, 'one', 'staged');
          await begun.value.commit(MANIFEST, NEVER);
        }),
      );
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
      assert.ok(failures.length < results.length, String(failures[0]));
      for (const error of failures)
        assert.ok(/GRIT_STEP_FENCED|ENOENT/.test((error as { code?: string }).code ?? ''), String(error));
      assert.equal(await readFile(join(path, 'images', id, 'parts/packs/one'), 'utf8'), 'staged');
    }
    await storage.check(NEVER);
    assert.deepEqual(await readdir(join(path, 'trash')), []);
  });
});

async function stage(writer: ImageStorageWriter, name: string, bytes: string, put = true): Promise<string> {
  const file = join(await writer.staging!(NEVER), name);
  await writeFile(file, bytes, { mode: 0o600 });
  if (put) assert.ok(await writer.putFile!(`packs/${name}`, file, { signal: NEVER }));
  return file;
}

async function inode(path: string): Promise<number> {
  return (await stat(path)).ino;
}
