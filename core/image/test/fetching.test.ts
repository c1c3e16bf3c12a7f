// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Progress } from '@grit/plugin-api';
import { fetchImage } from '../src/store/fetch-image.js';
import type { ImageReader } from '../src/store/image-reader.js';
import { openImage } from '../src/store/open-image.js';
import { storeImage } from '../src/store/store-image.js';
import { FACTS, NEVER, failure } from './facts.js';
import { StoredFiles, type StoredFilesOptions } from './stored-files.js';

const run = promisify(execFile);
const BYTES = {
  'criu/pages-1.img': randomBytes(2_300_000),
  'criu/core-1.img': randomBytes(700),
  empty: Buffer.alloc(0),
};

describe('image: fetching', () => {
  let home = '';
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'grit-image-fetch-'))));
  afterEach(() => rm(home, { recursive: true }));

  const stored = async (options: StoredFilesOptions = {}): Promise<[StoredFiles, ImageReader]> => {
    const files = new StoredFiles(join(home, 'store'), options);
    await mkdir(join(home, 'source'));
    const parts = await Promise.all(
      Object.entries(BYTES).map(async ([name, bytes], at) => {
        const path = join(home, 'source', String(at));
        await writeFile(path, bytes);
        return { name, kind: 'memory' as const, path };
      }),
    );
    await storeImage(files, parts, FACTS, { signal: NEVER });
    return [files, await openImage(files, 'c-1', NEVER)];
  };
  const isWhole = async (directory: string): Promise<void> => {
    for (const [name, bytes] of Object.entries(BYTES))
      assert.deepEqual(await readFile(join(directory, name)), bytes, name);
    assert.deepEqual((await readdir(join(directory, 'criu'))).sort(), ['core-1.img', 'pages-1.img']);
  };

  for (const local of [true, false]) {
    it(`makes a whole copy, ${local ? 'of the local files' : 'through the store'}`, async () => {
      const [files, reader] = await stored({ local });
      const progress: Progress[] = [];
      const copy = join(home, 'deep/copy');
      const parts = await fetchImage(reader, copy, { signal: NEVER, onProgress: (step) => progress.push(step) });
      await isWhole(copy);
      assert.deepEqual(
        parts.find(({ name }) => name === 'criu/core-1.img'),
        {
          name: 'criu/core-1.img',
          kind: 'memory',
          size: 700,
          path: join(copy, 'criu/core-1.img'),
        },
      );
      assert.deepEqual(progress.at(-1), { phase: 'fetch', doneBytes: reader.size, totalBytes: reader.size });
      assert.notEqual((await stat(join(copy, 'empty'))).ino, (await stat(files.path('empty'))).ino);
    });
  }

  it('keeps what is there and right, replaces what is wrong, and clears what was half done', async () => {
    const [, reader] = await stored();
    const copy = join(home, 'copy');
    await fetchImage(reader, copy, { signal: NEVER });
    const kept = await stat(join(copy, 'criu/pages-1.img'));
    const wrong = Buffer.from(BYTES['criu/core-1.img']);
    wrong[100]! ^= 1;
    await writeFile(join(copy, 'criu/core-1.img'), wrong);
    await writeFile(join(copy, 'criu/.core-1.img.partial'), 'half');
    const progress: Progress[] = [];
    await fetchImage(reader, copy, { signal: NEVER, onProgress: (step) => progress.push(step) });
    await isWhole(copy);
    assert.equal((await stat(join(copy, 'criu/pages-1.img'))).ino, kept.ino);
    assert.equal(progress.at(-1)?.doneBytes, reader.size);
  });

  it('links when it is asked to, and checks what it linked', async () => {
    const [files, reader] = await stored({ local: true });
    const copy = join(home, 'copy');
    await fetchImage(reader, copy, { signal: NEVER, link: true });
    await isWhole(copy);
    const [linked, original] = await Promise.all([stat(join(copy, 'empty')), stat(files.path('empty'))]);
    assert.equal(linked.ino, original.ino);
    await rm(copy, { recursive: true });
    await writeFile(files.path('criu/core-1.img'), randomBytes(700));
    await failure(fetchImage(reader, copy, { signal: NEVER, link: true }), 'GRIT_IMAGE_PART_CORRUPT');
    assert.ok(!(await readdir(join(copy, 'criu'))).some((name) => name.includes('core-1')));
  });

  it('damage is an error with the part, and the part does not appear', async () => {
    const [files, reader] = await stored({ local: true });
    await truncate(files.path('criu/pages-1.img'), 2_000_000);
    const copy = join(home, 'copy');
    const error = await failure(fetchImage(reader, copy, { signal: NEVER }), 'GRIT_IMAGE_PART_TRUNCATED');
    assert.equal(error.details?.part, 'criu/pages-1.img');
    assert.ok(!(await readdir(join(copy, 'criu'))).some((name) => name.includes('pages')));
  });

  it('a node without room is GRIT_NODE_STORAGE_FULL', async function () {
    if (process.getuid?.() !== 0) this.skip('needs root to mount a volume');
    const [, reader] = await stored();
    const volume = join(home, 'volume');
    await mkdir(volume);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', volume]);
    try {
      const error = await failure(
        fetchImage(reader, join(volume, 'copy'), { signal: NEVER }),
        'GRIT_NODE_STORAGE_FULL',
      );
      assert.equal(error.details?.part, 'criu/pages-1.img');
    } finally {
      await run('umount', [volume]);
    }
  });
});
