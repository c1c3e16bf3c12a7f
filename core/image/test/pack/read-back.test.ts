// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGritError } from '@grit/plugin-api';
import { DirectFile } from '../../src/io/direct-file.js';
import { ChunkIndex } from '../../src/pack/chunk-index.js';
import { ChunkPacker } from '../../src/pack/chunk-packer.js';
import { PackControl } from '../../src/pack/pack-control.js';
import { DEFAULT_LIMITS } from '../../src/pack/pack-limits.js';
import type { PackedImage } from '../../src/pack/packed-image.js';
import { Packer } from '../../src/pack/packer.js';
import { readBack } from '../../src/pack/read-back.js';
import { openImage } from '../../src/read/open-image.js';
import { verifyImage } from '../../src/read/verify-image.js';
import { commitPacked } from '../../src/write/commit-packed.js';
import { loadPacked, savePacked } from '../../src/write/saved-packed.js';
import { FACTS, NEVER } from '../facts.js';
import { mounted } from '../io/mounted.js';
import { randomBytes } from '../some-data.js';
import { StagedFiles } from '../write/staged-files.js';
import { StoredFiles } from '../write/stored-files.js';

const BYTES = 3 * 1024 * 1024;
/** Several packs. */
const LIMITS = { ...DEFAULT_LIMITS, threads: 2, packBytes: 1024 * 1024 };
const isCorrupt = (error: unknown): boolean => isGritError(error) && error.code === 'GRIT_IMAGE_PART_CORRUPT';

describe('image: packs that are read back while others are made', function () {
  this.timeout(60_000);
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-read-back-'));
    await writeFile(join(home, 'pages'), randomBytes(BYTES, 7));
  });
  afterEach(() => rm(home, { recursive: true }));

  async function pack(directory: string): Promise<PackedImage> {
    const packer = await Packer.open({ directory, signal: NEVER, limits: LIMITS, readBack: true });
    await packer.addFile({ name: 'pages', kind: 'memory', path: join(home, 'pages') });
    return packer.finish();
  }

  /** A stored image, and how it is verified. */
  async function stored(Store: typeof StoredFiles | typeof StagedFiles) {
    const store = new Store(join(home, 'store'), { local: true });
    const directory = store instanceof StagedFiles ? await store.staging() : join(home, 'packs');
    const packed = await pack(directory);
    await commitPacked(store, directory, packed, FACTS, { signal: NEVER });
    const verify = async (with_: PackedImage['packs']): Promise<void> =>
      verifyImage(await openImage(store, FACTS.checkpoint, NEVER), { signal: NEVER, readBack: with_ });
    return { packed, verify, path: store.path(`packs/${packed.packs[0]?.name ?? ''}`) };
  }

  /** Changes a byte; the file says all the same that it was written when it was. */
  async function damage(path: string, { unseen }: { readonly unseen: boolean }): Promise<void> {
    execFileSync('touch', ['-r', path, join(home, 'when')]);
    await using file = await open(path, 'r+');
    await file.write(Buffer.from([0x55, 0xaa]), 0, 2, 1_000);
    await file.sync();
    if (unseen) execFileSync('touch', ['-r', join(home, 'when'), path]);
  }

  it('are not read a second time when the store has these very files', async function () {
    const { packed, verify, path } = await stored(StagedFiles);
    using file = DirectFile.open(path);
    if (!file.direct) this.skip('the file system has no direct reads');
    assert.ok(packed.packs.length > 1 && packed.packs.every((one) => one.readBack !== undefined));
    await verify(packed.packs);
    await damage(path, { unseen: true });
    await verify(packed.packs);
    await assert.rejects(verify([]), isCorrupt, 'without the proof it is found');
  });

  it('are read again when they were written to', async () => {
    const { packed, verify, path } = await stored(StagedFiles);
    await damage(path, { unseen: false });
    await assert.rejects(verify(packed.packs), isCorrupt);
  });

  it('are read again when the store has copies', async () => {
    const { packed, verify, path } = await stored(StoredFiles);
    await verify(packed.packs);
    await damage(path, { unseen: true });
    await assert.rejects(verify(packed.packs), isCorrupt);
  });

  it('are read again after a start of the machine, which may have lost them', async () => {
    const { packed, verify, path } = await stored(StagedFiles);
    await damage(path, { unseen: true });
    const before = packed.packs.map((one) => ({
      ...one,
      ...(one.readBack && { readBack: { ...one.readBack, boot: 'the boot before' } }),
    }));
    await assert.rejects(verify(before), isCorrupt);
  });

  it('end the packing when they come back wrong', async () => {
    const packed = await pack(join(home, 'packs'));
    const [first] = packed.packs;
    assert.ok(first !== undefined);
    const { name, index } = first;
    const path = join(home, 'packs', name);
    const packer = new ChunkPacker({
      directory: home,
      hash: packed.hash,
      encrypted: false,
      compression: 'never',
      limits: DEFAULT_LIMITS,
      index: ChunkIndex.allocate(16),
      control: new PackControl().memory,
    });
    assert.doesNotThrow(() => readBack(packer, { kind: 'read-back', path, name, index }));
    assert.throws(() => readBack(packer, { kind: 'read-back', path, name, index: `${index}0` }), isCorrupt);
    await damage(path, { unseen: true });
    assert.throws(() => readBack(packer, { kind: 'read-back', path, name, index }), isCorrupt);
  });

  it('count for nothing where it is the page cache that answers', async function () {
    await mounted(this, 'ramfs', join(home, 'ram'), async (ram) => {
      await mkdir(join(ram, 'packs'));
      const { packs } = await pack(join(ram, 'packs'));
      assert.ok(packs.length > 0 && packs.every((one) => one.readBack === undefined));
    });
  });

  it('are known to the store step, also after a crash', async () => {
    const packed = await pack(join(home, 'packs'));
    await savePacked(home, packed);
    assert.deepEqual((await loadPacked(home))?.packs, packed.packs);
    const broken = packed.packs.map((one) => ({ ...one, readBack: { device: 1 } as never }));
    await savePacked(home, { ...packed, packs: broken });
    await assert.rejects(loadPacked(home), (error) => isGritError(error) && error.code === 'GRIT_DUMP_FAILED');
  });
});
