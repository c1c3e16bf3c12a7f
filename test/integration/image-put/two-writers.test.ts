// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeImage } from '@grit/image';
import { isGritError, type PartSource } from '@grit/plugin-api';
import { PvcStorage } from '@grit/storage-pvc';
import { memoryOf, writeParts } from './corpus.js';
import { factsOf, isIdentical, signal, verifyStore } from './stored-image.js';

const KIB = 1024;
const options = { signal, limits: { packBytes: 128 * KIB } };

describe('image: two writers of one image', function () {
  this.timeout(120_000);
  let home = '';
  let store = '';
  let parts: readonly PartSource[];
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-two-writers-'));
    store = join(home, 'store');
    parts = await writeParts(join(home, 'source'), { 'criu/pages-1.img': memoryOf('two', 2048 * KIB) });
  });
  afterEach(() => rm(home, { recursive: true }));

  /** The image is there once, whole, and nothing of any writer is left. */
  const isWhole = async (storage: PvcStorage): Promise<void> => {
    assert.deepEqual(await verifyStore(storage), ['c-1']);
    await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
    for (const place of ['writing', 'trash']) assert.deepEqual(await readdir(join(store, place)), []);
  };

  it('one that is overtaken before its commit is fenced, and takes nothing of the other away', async () => {
    const storage = new PvcStorage({ path: store });
    const first = await storage.begin('c-1', signal);
    const commit = first.commit.bind(first);
    first.commit = async (...args) => {
      // Both are packed, only the commits are left.
      await storeImage(await new PvcStorage({ path: store }).begin('c-1', signal), parts, factsOf('c-1'), options);
      return commit(...args);
    };
    const refused = storeImage(first, parts, factsOf('c-1'), options);
    await assert.rejects(refused, (error) => isGritError(error) && error.code === 'GRIT_STEP_FENCED');
    await isWhole(storage);
  });

  it('one that is overtaken while it packs is fenced', async () => {
    const first = await new PvcStorage({ path: store }).begin('c-1', signal);
    const storage = new PvcStorage({ path: store });
    const { promise: overtaken, resolve: overtake } = Promise.withResolvers<Promise<unknown>>();
    const staging = first.staging?.bind(first);
    assert.ok(staging);
    first.staging = async (...args) => {
      const directory = await staging(...args);
      if (first.staging !== staging) {
        first.staging = staging;
        const second = await storage.begin('c-1', signal);
        overtake(storeImage(second, parts, factsOf('c-1'), options));
      }
      return directory;
    };
    const refused = storeImage(first, parts, factsOf('c-1'), options);
    await assert.rejects(refused, (error) => isGritError(error) && error.code === 'GRIT_STEP_FENCED');
    await await overtaken;
    await isWhole(storage);
  });

  it('many at the same time: one of them wins, the others are told', async () => {
    const writes = Array.from({ length: 4 }, async () => {
      const storage = new PvcStorage({ path: store });
      return storeImage(await storage.begin('c-1', signal), parts, factsOf('c-1'), options);
    });
    const ended = await Promise.allSettled(writes);
    const errors = ended.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    assert.equal(errors.length, 3, String(errors));
    for (const error of errors) {
      assert.ok(isGritError(error), String(error));
      assert.ok(['GRIT_STEP_FENCED', 'GRIT_IDEMPOTENCY_CONFLICT'].includes(error.code), error.stack);
    }
    await isWhole(new PvcStorage({ path: store }));
  });
});
