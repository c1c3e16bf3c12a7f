// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError, toGritError, type PartSource, type Progress } from '@grit/plugin-api';
import { openImage } from '../../src/read/open-image.js';
import { findWritten } from '../../src/write/find-written.js';
import { storeImage } from '../../src/write/store-image.js';
import { FACTS, NEVER, drain, failure } from '../facts.js';
import { StoredFiles } from './stored-files.js';
import { StagedFiles } from './staged-files.js';

const MIB = 1024 * 1024;

describe('image: storing', function () {
  this.timeout(60_000);
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-store-'));
    await mkdir(join(home, 'work'));
  });
  afterEach(() => rm(home, { recursive: true }));

  const source = async (name: string, bytes: Uint8Array): Promise<PartSource> => {
    const path = join(home, name.replaceAll('/', '_'));
    await writeFile(path, bytes);
    return { name, kind: 'memory', path };
  };
  const options = (signal = NEVER): { signal: AbortSignal; workDirectory: string } => ({
    signal,
    workDirectory: join(home, 'work'),
  });
  /** Nothing is committed, and nothing is left where packs were made. */
  const tookBack = async (files: StoredFiles): Promise<void> => {
    assert.equal(files.bytes, undefined);
    assert.ok(files.aborted > 0);
    assert.deepEqual(await readdir(join(home, 'work')), []);
    if (files instanceof StagedFiles) assert.deepEqual(await readdir(await files.staging()), []);
  };

  for (const Store of [StoredFiles, StagedFiles]) {
    describe(`with ${Store.name}`, () => {
      let files: StoredFiles;
      beforeEach(() => (files = new Store(join(home, 'c-1'))));

      it('what is stored is read back, and the last word is the total', async () => {
        const bytes = {
          a: randomBytes(2 * MIB),
          'b/c': randomBytes(7),
          empty: Buffer.alloc(0),
          zero: Buffer.alloc(MIB),
        };
        const parts = await Promise.all(Object.entries(bytes).map(([name, data]) => source(name, data)));
        const progress: Progress[] = [];
        const onProgress = (step: Progress): unknown => progress.push(step);
        const { size, digest } = await storeImage(files, parts, FACTS, { ...options(), onProgress });
        assert.equal(size, 3 * MIB + 7);
        const last = progress.at(-1);
        // Where packs are made in place that is all the work, else what counts is what is sent.
        const total = files instanceof StagedFiles ? size : last?.totalBytes;
        assert.deepEqual(last, { phase: 'store', doneBytes: total, totalBytes: total });
        assert.ok(total !== undefined && total > 2 * MIB);
        assert.deepEqual(await readdir(join(home, 'work')), []);

        const reader = await openImage(files, 'c-1', NEVER);
        assert.equal(reader.digest, digest);
        for (const [name, data] of Object.entries(bytes)) {
          assert.deepEqual(await drain(reader.read(name, { start: 0, end: data.length }, NEVER)), data, name);
        }
      });

      it('an image may have no part at all', async () => {
        const { size } = await storeImage(files, [], FACTS, options());
        assert.equal(size, 0);
        assert.deepEqual((await openImage(files, 'c-1', NEVER)).manifest.parts, []);
      });

      it('a file that changes while it is stored is noticed', async () => {
        const part = await source('p/a', randomBytes(MIB));
        let grown = 0;
        const grow = setInterval(() => {
          // A file that grows all the time changes at any speed of this machine.
          grown += 1;
          appendFileSync(part.path, 'x');
        }, 1);
        try {
          let error: GritError | undefined;
          // One of the tries has the change inside.
          for (let tries = 0; error === undefined && tries < 100; tries++) {
            error = await storeImage(files, [part], FACTS, options()).then(
              () => undefined,
              (thrown: unknown) => toGritError(thrown),
            );
            files.bytes = undefined;
          }
          assert.equal(error?.code, 'GRIT_IMAGE_PART_CORRUPT', `${grown} changes: ${String(error)}`);
          assert.equal(error.details?.part, 'p/a');
        } finally {
          clearInterval(grow);
        }
        await tookBack(files);
      });

      it('a file that is not there, or is none, names its part and takes everything back', async () => {
        const part = await source('a', randomBytes(MIB));
        await symlink(part.path, join(home, 'link'));
        for (const [path, code] of [
          [join(home, 'no'), 'GRIT_IMAGE_PART_MISSING'],
          [home, 'GRIT_IMAGE_PART_CORRUPT'],
          [join(home, 'link'), 'GRIT_IMAGE_PART_CORRUPT'],
        ] as const) {
          const wrong = { name: 'b/c', kind: 'runtime', path } as const;
          const error = await failure(storeImage(files, [part, wrong], FACTS, options()), code);
          assert.equal(error.details?.part, 'b/c');
          await tookBack(files);
        }
      });

      it('bad and doubled names are refused before anything is put', async () => {
        const part = await source('a', randomBytes(10));
        files.put = () => assert.fail('put was called');
        for (const parts of [[{ ...part, name: '../a' }], [part, part]]) {
          await failure(storeImage(files, parts, FACTS, options()), 'GRIT_IMAGE_MANIFEST_INVALID');
        }
        const below = [part, { ...part, name: 'a/b' }];
        await failure(storeImage(files, below, FACTS, options()), 'GRIT_IMAGE_MANIFEST_INVALID');
        await tookBack(files);
      });

      it('a put that fails takes everything back', async () => {
        files.put = async () => Promise.reject(new GritError('GRIT_STORAGE_FULL', 'no room'));
        const error = await failure(
          storeImage(files, [await source('a', randomBytes(1000))], FACTS, options()),
          'GRIT_STORAGE_FULL',
        );
        assert.notEqual(error.details?.part, undefined);
        await tookBack(files);
      });

      it('an abort by the caller is GRIT_ABORTED and takes everything back', async () => {
        const part = await source('a', randomBytes(4 * MIB));
        await failure(storeImage(files, [part], FACTS, options(AbortSignal.abort())), 'GRIT_ABORTED');
        const cancelled = new AbortController();
        files.put = async (_name, data) => {
          for await (const _ of data) cancelled.abort();
        };
        await failure(storeImage(files, [part], FACTS, options(cancelled.signal)), 'GRIT_ABORTED');
        await tookBack(files);
      });

      it('a commit that fails takes everything back', async () => {
        files.commit = async () => Promise.reject(new GritError('GRIT_STORAGE_IO', 'no'));
        const part = await source('a', randomBytes(10));
        await failure(storeImage(files, [part], FACTS, options()), 'GRIT_STORAGE_IO');
        await tookBack(files);
      });

      it('a repetition finds what was written, if it has the same facts', async () => {
        files.open = async () => Promise.reject(new GritError('GRIT_CHECKPOINT_NOT_FOUND', 'none'));
        assert.equal(await findWritten(files, FACTS, NEVER), undefined);
        Reflect.deleteProperty(files, 'open');
        const first = await storeImage(files, [await source('a', randomBytes(MIB + 5))], FACTS, options());
        assert.deepEqual(await findWritten(files, FACTS, NEVER), first);
        for (const other of [{ createdAt: 2 }, { parent: 'c-0' }, { timings: [] }, { facts: {} }]) {
          await failure(findWritten(files, { ...FACTS, ...other }, NEVER), 'GRIT_IDEMPOTENCY_CONFLICT');
        }
      });
    });
  }

  it('chunks that a known image has are not written again', async () => {
    const same = randomBytes(2 * MIB);
    const base = new StagedFiles(join(home, 'c-0'));
    const parts = [await source('a', same)];
    await storeImage(base, parts, { ...FACTS, checkpoint: 'c-0' }, options());
    const known = [await openImage(base, 'c-0', NEVER)];

    const files = new StagedFiles(join(home, 'c-1'));
    const both = [...parts, await source('b', Buffer.concat([same, randomBytes(MIB)]))];
    const { manifest, size } = await storeImage(files, both, FACTS, { ...options(), known });
    assert.equal(size, 5 * MIB);
    const names = new Set(known[0]?.manifest.packs.map(({ name }) => name));
    const own = manifest.packs.filter(({ name }) => !names.has(name));
    const written = own.reduce((sum, pack) => sum + pack.size, 0);
    assert.ok(written > MIB && written < 1.5 * MIB, `${written} bytes were written again`);
    assert.ok(manifest.bytes.stored < 1.5 * MIB && manifest.bytes.fresh < 1.5 * MIB);
    for (const { name } of manifest.packs.filter((pack) => names.has(pack.name))) {
      assert.equal((await stat(files.path(`packs/${name}`))).ino, (await stat(base.path(`packs/${name}`))).ino);
    }
    const reader = await openImage(files, 'c-1', NEVER);
    assert.ok((await drain(reader.read('b', { start: 0, end: 2 * MIB }, NEVER))).equals(same));
  });
});
