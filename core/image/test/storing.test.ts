// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError, type PartSource, type Progress } from '@grit/plugin-api';
import { hashFile } from '../src/digest/hash-file.js';
import { storeImage } from '../src/store/store-image.js';
import { FACTS, NEVER, failure } from './facts.js';
import { StoredFiles } from './stored-files.js';

const MIB = 1024 * 1024;

describe('image: hashing and storing', () => {
  let home = '';
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'grit-image-store-'))));
  afterEach(() => rm(home, { recursive: true }));

  const source = async (name: string, bytes: Uint8Array): Promise<PartSource> => {
    const path = join(home, name.replaceAll('/', '_'));
    await writeFile(path, bytes);
    return { name, kind: 'memory', path };
  };

  it('the digest is the tree of sha256 over blocks of 1 MiB', async () => {
    for (const size of [0, 1, 65_537, MIB, MIB + 1, 5 * MIB + 17]) {
      const bytes = randomBytes(size);
      const { path } = await source('a', bytes);
      const blocks = Array.from({ length: Math.ceil(size / MIB) }, (_, at) =>
        createHash('sha256')
          .update(bytes.subarray(at * MIB, (at + 1) * MIB))
          .digest(),
      );
      let counted = 0;
      const found = await hashFile(path, { signal: NEVER, onBytes: (count) => (counted += count) });
      assert.equal(found.digest, `sha256:${createHash('sha256').update(Buffer.concat(blocks)).digest('hex')}`);
      assert.equal(found.blocks, Buffer.concat(blocks).toString('base64'));
      assert.deepEqual([found.size, counted], [size, size]);
    }
  });

  it('hashing what is no regular file or not there is refused', async () => {
    await failure(hashFile(join(home, 'no'), { signal: NEVER }), 'GRIT_IMAGE_PART_MISSING');
    await failure(hashFile(home, { signal: NEVER }), 'GRIT_IMAGE_PART_CORRUPT');
    const { path } = await source('a', randomBytes(10));
    await symlink(path, join(home, 'link'));
    await failure(hashFile(join(home, 'link'), { signal: NEVER }), 'GRIT_IMAGE_PART_CORRUPT');
  });

  it('tells how far it is, up to the total', async () => {
    const parts = [await source('a', randomBytes(2 * MIB)), await source('b/c', randomBytes(7))];
    const progress: Progress[] = [];
    const files = new StoredFiles(join(home, 'store'));
    const { size } = await storeImage(files, parts, FACTS, {
      signal: NEVER,
      onProgress: (step) => progress.push(step),
    });
    assert.deepEqual(progress.at(-1), { phase: 'store', doneBytes: size, totalBytes: 2 * MIB + 7 });
  });

  for (const linked of [true, false]) {
    it(`a file that changes while it is stored is noticed, ${linked ? 'linked' : 'streamed'}`, async () => {
      const part = await source('p/a', randomBytes(MIB));
      const files = new StoredFiles(join(home, 'store'));
      const put = files.put.bind(files);
      const grow = (): Promise<void> => appendFile(part.path, 'x');
      if (linked) Object.assign(files, { putFile: async () => (await grow(), true) });
      else files.put = async (...args) => (await put(...args), grow());
      const error = await failure(storeImage(files, [part], FACTS, { signal: NEVER }), 'GRIT_IMAGE_PART_CORRUPT');
      assert.equal(error.details?.part, 'p/a');
      assert.deepEqual([files.bytes, files.aborted], [undefined, 1]);
    });
  }

  it('the first failure counts, names its part, stops the others and takes everything back', async () => {
    const parts = await Promise.all(['a', 'b', 'c', 'd'].map((name, at) => source(name, randomBytes(1000 - at))));
    const files = new StoredFiles(join(home, 'store'));
    const stopped: string[] = [];
    files.put = async (name, _data, { signal }) => {
      if (name === 'b') throw new GritError('GRIT_STORAGE_FULL', 'no room');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      stopped.push(name);
      throw new GritError('GRIT_STORAGE_IO', 'only a consequence');
    };
    const error = await failure(storeImage(files, parts, FACTS, { signal: NEVER }), 'GRIT_STORAGE_FULL');
    assert.equal(error.details?.part, 'b');
    assert.deepEqual(stopped.sort(), ['a', 'c', 'd']);
    assert.deepEqual([files.bytes, files.aborted], [undefined, 1]);
  });

  it('an abort by the caller is GRIT_ABORTED and takes everything back', async () => {
    const part = await source('a', randomBytes(1000));
    const files = new StoredFiles(join(home, 'store'));
    const cancelled = new AbortController();
    files.put = async (_name, data) => {
      for await (const _ of data) cancelled.abort();
    };
    await failure(storeImage(files, [part], FACTS, { signal: cancelled.signal }), 'GRIT_ABORTED');
    assert.deepEqual([files.bytes, files.aborted], [undefined, 1]);
  });

  it('a commit that fails takes everything back', async () => {
    const files = new StoredFiles(join(home, 'store'));
    files.commit = async () => Promise.reject(new GritError('GRIT_STORAGE_IO', 'no'));
    await failure(storeImage(files, [await source('a', randomBytes(10))], FACTS, { signal: NEVER }), 'GRIT_STORAGE_IO');
    assert.equal(files.aborted, 1);
  });

  it('bad and doubled names are refused before anything is put', async () => {
    const part = await source('a', randomBytes(10));
    const files = new StoredFiles(join(home, 'store'));
    files.put = () => assert.fail('put was called');
    for (const parts of [[{ ...part, name: '../a' }], [part, part]]) {
      await failure(storeImage(files, parts, FACTS, { signal: NEVER }), 'GRIT_IMAGE_MANIFEST_INVALID');
    }
  });

  it('a store that has the image already is not read from, and the manifest is the same', async () => {
    const part = await source('a', randomBytes(MIB + 5));
    const files = new StoredFiles(join(home, 'store'));
    const first = await storeImage(files, [part], FACTS, { signal: NEVER });
    files.put = async () => undefined;
    const second = await storeImage(files, [part], FACTS, { signal: NEVER });
    assert.equal(second.digest, first.digest);
  });
});
