// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError, type ImageStorageReader } from '@grit/plugin-api';
import { SEED, Seeded } from '../pack/seeded.js';
import { fetchImage } from '../../src/read/fetch-image.js';
import type { ImageReader } from '../../src/read/image-reader.js';
import { openImage } from '../../src/read/open-image.js';
import { readThreads } from '../../src/read/read-threads.js';
import { verifyImage } from '../../src/read/verify-image.js';
import { storeImage } from '../../src/write/store-image.js';
import { FACTS, NEVER, failure } from '../facts.js';
import type { MemoryStore } from './memory-store.js';
import { storedImage } from './some-image.js';

const MIB = 1024 * 1024;
const PARTS = { a: new Seeded(SEED).bytes(3 * MIB), b: new Seeded(SEED + 1).bytes(MIB + 4096) };

describe('image: reading from a store that is far away', function () {
  this.timeout(60_000);
  let home: string;
  let store: MemoryStore;
  let reader: ImageReader;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-far-'));
    [store, reader] = await storedImage(home, PARTS);
  });
  afterEach(() => rm(home, { recursive: true }));

  /** Reads into memory of the caller, and `read` is never used. */
  const into = (readInto: NonNullable<ImageStorageReader['readInto']>): void => {
    const read = (): never => assert.fail('read was called');
    Object.assign(reader.storage, { readInto, read });
  };
  const copied: NonNullable<ImageStorageReader['readInto']> = async (name, { start, end }, target) => {
    assert.equal(target.length, end - start);
    target.set(store.object(name).subarray(start, end));
  };

  it('goes straight into memory where the store can', async () => {
    into(copied);
    await verifyImage(reader, { signal: NEVER });
    await fetchImage(reader, join(home, 'copy'), { signal: NEVER, durable: false });
    for (const [name, bytes] of Object.entries(PARTS))
      assert.ok((await readFile(join(home, 'copy', name))).equals(bytes));
  });

  it('its errors come through, with the part', async () => {
    await reader.table(NEVER);
    into(async (name) => {
      throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `${name} is shorter`);
    });
    const cut = await failure(verifyImage(reader, { signal: NEVER }), 'GRIT_IMAGE_PART_TRUNCATED');
    assert.equal(cut.details?.part, 'a');
    into(async () => Promise.reject(new GritError('GRIT_STORAGE_UNAVAILABLE', 'away')));
    const away = await failure(verifyImage(reader, { signal: NEVER }), 'GRIT_STORAGE_UNAVAILABLE');
    assert.match(away.message, /packs\/pk-/);
  });

  it('an abort ends it although the store hangs', async () => {
    await reader.table(NEVER);
    const cancelled = new AbortController();
    into(async () => {
      cancelled.abort();
      await new Promise(() => undefined);
    });
    await failure(verifyImage(reader, { signal: cancelled.signal }), 'GRIT_ABORTED');
  });

  for (const [parallelReads, expected] of [
    [undefined, readThreads.lanes],
    [1, readThreads.lanes],
    [readThreads.lanes + 5, readThreads.lanes + 5],
    [1000, 32],
  ] as const) {
    it(`reads ${expected} ranges at a time where it says ${parallelReads ?? 'nothing'}`, async () => {
      const path = join(home, 'many');
      await writeFile(path, new Seeded(SEED).bytes(40 * 256 * 1024));
      const limits = { packBytes: 256 * 1024, threads: 1 };
      await storeImage(store, [{ name: 'many', kind: 'memory', path }], FACTS, {
        signal: NEVER,
        workDirectory: home,
        limits,
      });
      reader = await openImage(store, FACTS.checkpoint, NEVER);
      await reader.table(NEVER);
      assert.ok(reader.manifest.packs.length > expected);
      let running = 0;
      let most = 0;
      const { promise: allRun, resolve } = Promise.withResolvers<undefined>();
      into(async (...args) => {
        most = Math.max(most, ++running);
        if (running === expected) resolve(undefined);
        await allRun;
        running -= 1;
        await copied(...args);
      });
      Object.assign(reader.storage, { parallelReads });
      await verifyImage(reader, { signal: NEVER, fast: true });
      assert.equal(most, expected);
    });
  }
});
