// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alignedMemory } from '../../src/io/aligned-memory.js';
import { codedPackError } from '../../src/io/coded-pack-error.js';
import { DirectFile } from '../../src/io/direct-file.js';
import { Seeded, SEED } from '../pack/seeded.js';
import { mounted } from './mounted.js';

const DATA = new Seeded(SEED).bytes(3 * 4096);

describe('files past the page cache', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-direct-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function writesAndReads(path: string): Promise<boolean> {
    const memory = alignedMemory(4 * 4096);
    memory.set(DATA);
    {
      using file = DirectFile.create(path);
      file.write(memory.subarray(0, 2 * 4096), 0);
      file.write(memory.subarray(2 * 4096, 3 * 4096), 2 * 4096);
      file.datasync();
    }
    assert.ok((await readFile(path)).equals(DATA));
    using file = DirectFile.open(path);
    memory.fill(1);
    // Up to the end of the file, and not more.
    assert.equal(file.read(memory, 4096), 2 * 4096);
    assert.ok(memory.subarray(0, 2 * 4096).equals(DATA.subarray(4096)));
    assert.equal(file.read(memory, 4 * 4096), 0);
    return file.direct;
  }

  it('writes and reads', async () => {
    await writesAndReads(join(directory, 'file'));
  });

  it('reads the end of a file that is not whole blocks', async () => {
    const path = join(directory, 'file');
    await writeFile(path, DATA.subarray(0, 5000));
    using file = DirectFile.open(path);
    const memory = alignedMemory(2 * 4096);
    assert.equal(file.read(memory, 0), 5000);
    assert.ok(memory.subarray(0, 5000).equals(DATA.subarray(0, 5000)));
  });

  it('takes memory and places that are not aligned through the page cache', async () => {
    const path = join(directory, 'file');
    {
      using file = DirectFile.create(path);
      file.write(DATA.subarray(0, 1000), 0);
      file.write(DATA.subarray(1000), 1000);
    }
    using file = DirectFile.open(path);
    const memory = Buffer.alloc(8001).subarray(1);
    assert.equal(file.read(memory, 100), 8000);
    assert.ok(memory.equals(DATA.subarray(100, 8100)));
  });

  it('goes through the page cache where O_DIRECT is refused', async function () {
    // Memory is its page cache.
    await mounted(this, 'ramfs', join(directory, 'ramfs'), async (path) => {
      assert.equal(await writesAndReads(join(path, 'file')), false);
    });
  });

  it('never writes over a file or follows a link', async () => {
    const path = join(directory, 'file');
    await writeFile(path, 'old');
    await symlink(path, join(directory, 'link'));
    assert.throws(() => DirectFile.create(path), { code: 'EEXIST' });
    assert.throws(() => DirectFile.create(join(directory, 'link')), { code: 'EEXIST' });
    assert.throws(() => DirectFile.open(join(directory, 'link')), { code: 'ELOOP' });
    assert.throws(() => DirectFile.open(join(directory, 'gone')), { code: 'ENOENT' });
  });

  it('names what the system said by our codes', () => {
    const codes = {
      ENOSPC: 'GRIT_STORAGE_FULL',
      EDQUOT: 'GRIT_STORAGE_FULL',
      EROFS: 'GRIT_STORAGE_READ_ONLY',
      EACCES: 'GRIT_STORAGE_READ_ONLY',
      ESTALE: 'GRIT_STORAGE_UNAVAILABLE',
      EIO: 'GRIT_STORAGE_IO',
      ENOENT: 'GRIT_STORAGE_IO',
    };
    for (const [code, expected] of Object.entries(codes)) {
      const error = codedPackError(Object.assign(new Error(`${code}: no`), { code }), '/store/pk-1');
      assert.equal(error.code, expected);
      assert.match(error.message, /\/store\/pk-1/);
      assert.equal(codedPackError(error, '/other'), error);
    }
  });
});
