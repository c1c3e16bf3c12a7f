// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { appendFile, cp, mkdtemp, readFile, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError, type Progress } from '@grit/plugin-api';
import { parseManifest } from '../../src/format/parse-manifest.js';
import type { PackedImage } from '../../src/pack/packed-image.js';
import { commitPacked } from '../../src/write/commit-packed.js';
import { FACTS, NEVER, failure } from '../facts.js';
import { StoredFiles } from './stored-files.js';
import { handPacked, packName } from './packed.js';
import { StagedFiles } from './staged-files.js';

describe('image: committing what was packed', () => {
  let home = '';
  let packs = '';
  let packed: PackedImage;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-commit-'));
    packs = join(home, 'packs');
    packed = await handPacked(packs, [{ own: true }, { own: true }]);
  });
  afterEach(() => rm(home, { recursive: true }));

  for (const Store of [StoredFiles, StagedFiles]) {
    it(`stores packs, table and manifest, with ${Store.name}`, async () => {
      const files = new Store(join(home, 'store'));
      const progress: Progress[] = [];
      const onProgress = (step: Progress): unknown => progress.push(step);
      const written = await commitPacked(files, packs, packed, FACTS, { signal: NEVER, onProgress });
      assert.deepEqual(Buffer.from(files.bytes ?? []), Buffer.from(written.bytes));
      assert.deepEqual(parseManifest(files.bytes ?? Buffer.alloc(0)), written.manifest);
      assert.deepEqual(
        written.manifest.packs.map(({ name }) => name),
        [packName(0), packName(1)],
      );
      assert.deepEqual(Object.keys(written.manifest.packs[0] ?? {}).sort(), ['index', 'name', 'size']);
      assert.deepEqual(await readFile(files.path('rows')), packed.table);
      let total = packed.table.length;
      for (const { name, size } of packed.packs) {
        assert.deepEqual(await readFile(files.path(`packs/${name}`)), await readFile(join(packs, name)));
        total += size;
      }
      assert.deepEqual(progress.at(-1), { phase: 'store', doneBytes: total, totalBytes: total });
      assert.equal(written.size, 2 * (100_000 + 8192));
      const again = await commitPacked(files, packs, packed, FACTS, { signal: NEVER });
      assert.equal(again.digest, written.digest);
    });
  }

  it('takes the packs of other images that are held, and adopts the others, those of an image in one call', async () => {
    const owners = [{ own: true }, { own: true }, { own: true }, { own: true }];
    const base = await handPacked(join(home, 'c-0/packs'), owners);
    await cp(join(home, 'c-0'), join(home, 'c-1'), { recursive: true });
    const images = ['c-0', 'c-0', 'c-1', 'c-0'];
    const based = { ...base, packs: base.packs.map((pack, at) => ({ ...pack, own: false, image: images[at]! })) };
    const files = new StagedFiles(join(home, 'store'));
    await files.adopt('c-1', [`packs/${packName(1)}`]);
    await commitPacked(files, join(home, 'none'), based, FACTS, { signal: NEVER });
    assert.deepEqual(files.adopted, [
      `c-1/packs/${packName(1)}`,
      `c-0/packs/${packName(0)}`,
      `c-0/packs/${packName(3)}`,
      `c-1/packs/${packName(2)}`,
    ]);
    assert.equal(files.adoptCalls, 3);
    assert.deepEqual((await readdir(files.path('packs'))).sort(), [0, 1, 2, 3].map(packName));
  });

  it('says what own packs are by the digest of their index', async () => {
    const identities = new Map<string, string | undefined>();
    const files = new StoredFiles(join(home, 'store'));
    const put = files.put.bind(files);
    files.put = async (name, data, options) => {
      identities.set(name, options.identity);
      await put(name, data, options);
    };
    await commitPacked(files, packs, packed, FACTS, { signal: NEVER });
    assert.deepEqual(
      [...identities].sort(),
      [...packed.packs.map(({ name, index }) => [`packs/${name}`, index]), ['rows', undefined]].sort(),
    );
  });

  it('a pack of another image that is gone is GRIT_IMAGE_BASE_GONE, before anything is put', async () => {
    for (const image of [{ image: 'c-0' }, {}]) {
      const files = new StagedFiles(join(home, 'store'));
      files.put = () => assert.fail('put was called');
      const based = { ...packed, packs: packed.packs.map((pack) => ({ ...pack, own: false, ...image })) };
      const error = await failure(commitPacked(files, packs, based, FACTS, { signal: NEVER }), 'GRIT_IMAGE_BASE_GONE');
      assert.equal(error.details?.part, `packs/${packName(0)}`);
      assert.equal(error.retryable, true);
      assert.deepEqual([files.bytes, files.aborted], [undefined, 1]);
    }
  });

  it('an own pack that is gone or was changed is never committed', async () => {
    const path = join(packs, packName(1));
    const damages = [
      [() => appendFile(path, 'x'), 'GRIT_IMAGE_PART_TRUNCATED'],
      [() => truncate(path, 4096), 'GRIT_IMAGE_PART_TRUNCATED'],
      [() => rm(path), 'GRIT_IMAGE_PART_MISSING'],
    ] as const;
    for (const [damage, code] of damages) {
      const files = new StoredFiles(join(home, 'store'));
      await damage();
      const error = await failure(commitPacked(files, packs, packed, FACTS, { signal: NEVER }), code);
      assert.equal(error.details?.part, `packs/${packName(1)}`);
      assert.deepEqual([files.bytes, files.aborted], [undefined, 1]);
    }
  });

  it('what could not be read again is refused before anything is put', async () => {
    const [part] = packed.parts;
    assert.ok(part);
    const table = Buffer.from(packed.table);
    table.writeUInt32LE(7, 56 + 40);
    const damages = [
      [{ ...packed, parts: [{ ...part, name: '../a' }] }, 'GRIT_IMAGE_MANIFEST_INVALID'],
      [{ ...packed, parts: [part, part] }, 'GRIT_IMAGE_MANIFEST_INVALID'],
      [{ ...packed, parts: [...packed.parts].reverse() }, 'GRIT_IMAGE_MANIFEST_INVALID'],
      [{ ...packed, packs: packed.packs.slice(1) }, 'GRIT_IMAGE_PART_CORRUPT'],
      [{ ...packed, table }, 'GRIT_IMAGE_PART_CORRUPT'],
      [{ ...packed, table: packed.table.subarray(56) }, 'GRIT_IMAGE_MANIFEST_INVALID'],
    ] as const;
    for (const [damaged, code] of damages) {
      const files = new StoredFiles(join(home, 'store'));
      files.put = () => assert.fail('put was called');
      await failure(commitPacked(files, packs, damaged, FACTS, { signal: NEVER }), code);
      assert.deepEqual([files.bytes, files.aborted], [undefined, 1]);
    }
  });

  it('the first failure counts, names its object, stops the others and takes everything back', async () => {
    packed = await handPacked(packs, [{ own: true }, { own: true }, { own: true }]);
    const files = new StoredFiles(join(home, 'store'));
    const stopped: string[] = [];
    const { promise: allRun, resolve: lastRuns } = Promise.withResolvers<undefined>();
    let running = 0;
    files.put = async (name, _data, { signal }) => {
      if (++running === 4) lastRuns(undefined);
      await allRun;
      if (name === 'rows') throw new GritError('GRIT_STORAGE_FULL', 'no room');
      if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      stopped.push(name);
      throw new GritError('GRIT_STORAGE_IO', 'only a consequence');
    };
    const error = await failure(commitPacked(files, packs, packed, FACTS, { signal: NEVER }), 'GRIT_STORAGE_FULL');
    assert.equal(error.details?.part, 'rows');
    assert.deepEqual(
      stopped.sort(),
      [0, 1, 2].map((at) => `packs/${packName(at)}`),
    );
    assert.deepEqual([files.bytes, files.aborted], [undefined, 1]);
  });

  it('puts a few objects at a time', async () => {
    packed = await handPacked(
      packs,
      Array.from({ length: 12 }, () => ({ own: true })),
    );
    const files = new StoredFiles(join(home, 'store'));
    const put = files.put.bind(files);
    let running = 0;
    let most = 0;
    files.put = async (...args) => {
      most = Math.max(most, ++running);
      await put(...args);
      running -= 1;
    };
    await commitPacked(files, packs, packed, FACTS, { signal: NEVER });
    assert.ok(most > 1 && most <= 4, `${most} at a time`);
  });

  it('an abort by the caller is GRIT_ABORTED and takes everything back', async () => {
    const files = new StoredFiles(join(home, 'store'));
    const cancelled = new AbortController();
    files.put = async (_name, data) => {
      for await (const _ of data) cancelled.abort();
    };
    await failure(commitPacked(files, packs, packed, FACTS, { signal: cancelled.signal }), 'GRIT_ABORTED');
    assert.deepEqual([files.bytes, files.aborted], [undefined, 1]);
  });

  it('a commit that fails takes everything back', async () => {
    for (const code of ['GRIT_STORAGE_IO', 'GRIT_IDEMPOTENCY_CONFLICT'] as const) {
      const files = new StoredFiles(join(home, 'store'));
      files.commit = async () => Promise.reject(new GritError(code, 'no'));
      await failure(commitPacked(files, packs, packed, FACTS, { signal: NEVER }), code);
      assert.equal(files.aborted, 1);
    }
  });
});
