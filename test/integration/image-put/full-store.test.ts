// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Packer, commitPacked, storeImage } from '@grit/image';
import { isGritError, type PartSource } from '@grit/plugin-api';
import { PvcStorage } from '@grit/storage-pvc';
import { randomBytesOf, writeParts } from './corpus.js';
import { committedPacks, factsOf, isIdentical, signal, stagedPacks, verifyStore } from './stored-image.js';

const run = promisify(execFile);
const KIB = 1024;
const limits = { packBytes: 128 * KIB };

describe('image: a store that is full', function () {
  this.timeout(120_000);
  let home = '';
  let volume = '';
  let storage: PvcStorage;
  let small: readonly PartSource[];
  let large: readonly PartSource[];
  before(async function () {
    if (process.getuid?.() !== 0) this.skip('needs root to mount a volume');
    home = await mkdtemp(join(tmpdir(), 'grit-full-store-'));
    small = await writeParts(join(home, 'small'), { 'criu/pages-1.img': randomBytesOf('small', 512 * KIB) });
    large = await writeParts(join(home, 'large'), {
      'criu/core-1.img': randomBytesOf('core', 900),
      'criu/pages-1.img': randomBytesOf('large', 4096 * KIB),
    });
  });
  after(async () => {
    if (home !== '') await rm(home, { recursive: true });
  });
  beforeEach(async () => {
    volume = join(home, 'volume');
    await mkdir(volume);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', volume]);
    storage = new PvcStorage({ path: join(volume, 'store') });
    await storeImage(await storage.begin('c-0', signal), small, factsOf('c-0'), { signal, limits });
  });
  afterEach(async () => {
    await run('umount', [volume]);
    await rm(volume, { recursive: true });
  });

  const grow = (): Promise<unknown> => run('mount', ['-o', 'remount,size=16m', volume]);

  it('GRIT_STORAGE_FULL names the part, nothing is left, and with more room it is stored', async () => {
    const store = async (): Promise<unknown> =>
      storeImage(await storage.begin('c-1', signal), large, factsOf('c-1'), { signal, limits });
    const error: unknown = await store().catch((thrown: unknown) => thrown);
    assert.ok(isGritError(error) && error.code === 'GRIT_STORAGE_FULL', String(error));
    assert.match(error.message, /part (criu|packs)\//);
    assert.deepEqual(await verifyStore(storage), ['c-0']);
    for (const place of ['writing', 'trash']) assert.deepEqual(await readdir(join(volume, 'store', place)), []);

    await grow();
    await store();
    assert.deepEqual(await verifyStore(storage), ['c-0', 'c-1']);
    await isIdentical(storage, 'c-1', large, join(home, 'copy'));
  });

  it('whoever keeps what was packed sends the rest only, once there is room', async () => {
    const pack = async (): Promise<void> => {
      const writer = await storage.begin('c-1', signal);
      const directory = (await writer.staging?.(signal)) ?? '';
      const packer = await Packer.open({ directory, signal, limits });
      await Promise.all(large.map((part) => packer.addFile(part)));
      await commitPacked(writer, directory, await packer.finish(), factsOf('c-1'), { signal, keep: true });
    };
    const error: unknown = await pack().catch((thrown: unknown) => thrown);
    assert.ok(isGritError(error) && error.code === 'GRIT_STORAGE_FULL', String(error));
    assert.deepEqual(await verifyStore(storage), ['c-0']);
    const left = await stagedPacks(join(volume, 'store'), 'c-1');
    assert.ok(left.size > 0, 'nothing was finished');

    await grow();
    await pack();
    const packs = await committedPacks(join(volume, 'store'), 'c-1');
    for (const [name, { inode }] of left) assert.equal(packs.get(name)?.inode, inode, `pack ${name} was sent again`);
    await isIdentical(storage, 'c-1', large, join(home, 'copy'));
  });
});
