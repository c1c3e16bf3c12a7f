// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ChunkIndex, type ChunkPlace } from '../../src/pack/chunk-index.js';
import { SEED, Seeded } from './seeded.js';

const place = (pack: number): ChunkPlace => ({
  pack,
  offset: pack * 3,
  stored: pack + 1,
  codec: pack % 3,
  check: (0xff_ffff - pack * 0x1_0001) & 0xff_ffff,
});
const placed = ({ pack, offset, stored, codec, check }: ChunkPlace): ChunkPlace => ({
  pack,
  offset,
  stored,
  codec,
  check,
});

describe('the index of chunks', function () {
  this.timeout(60_000);

  it('finds what it was told, by hash and size', () => {
    const random = new Seeded(SEED);
    const index = new ChunkIndex(ChunkIndex.allocate(1000));
    const hashes = Array.from({ length: 1000 }, () => random.bytes(32));
    // The same beginning: these are looked for at the same place.
    for (const hash of hashes.slice(500)) hash.writeUInt32LE(7);
    hashes.forEach((hash, at) => assert.ok(!index.find(hash, 4096) && index.insert(hash, 4096, place(at), true)));
    assert.equal(index.count, 1000);
    hashes.forEach((hash, at) => {
      assert.ok(index.find(hash, 4096));
      assert.deepEqual(placed(index), place(at));
      assert.equal(index.find(hash, 4097), false);
    });
    assert.equal(index.find(random.bytes(32), 4096), false);
  });

  it('keeps what was there first', () => {
    const index = new ChunkIndex(ChunkIndex.allocate(10));
    const hash = Buffer.alloc(32, 9);
    assert.ok(index.insert(hash, 1, place(1), false));
    assert.equal(index.insert(hash, 1, place(2), true), false);
    assert.deepEqual(placed(index), place(1));
    assert.equal(index.use(), true);
    assert.equal(index.use(), false);
  });

  it('forgets what is beyond its size, and all when it is cleared', () => {
    const memory = ChunkIndex.allocate(3);
    const index = new ChunkIndex(memory);
    const hashes = Array.from({ length: 6 }, (_, at) => Buffer.alloc(32, at + 1));
    for (const hash of hashes) assert.ok(index.insert(hash, 1, place(0), true));
    assert.deepEqual(
      hashes.map((hash) => index.find(hash, 1)),
      [true, true, true, false, false, false],
    );
    assert.equal(index.count, 3);
    ChunkIndex.clear(memory);
    assert.equal(index.find(hashes[0]!, 1), false);
    assert.ok(index.insert(hashes[5]!, 1, place(5), true) && index.find(hashes[5]!, 1));
  });

  it('is filled by several threads at once, each chunk by one of them', async () => {
    const entries = 5_000;
    // Room to spare: at the limit two may both find that it is full, and then nothing was remembered for either.
    const memory = ChunkIndex.allocate(2 * entries);
    const script = `
      const { workerData, parentPort } = require('node:worker_threads');
      const { createHash } = require('node:crypto');
      import(workerData.module).then(({ ChunkIndex }) => {
        const index = new ChunkIndex(workerData.memory);
        let won = 0;
        for (let step = 0; step < workerData.entries; step++) {
          const chunk = (step * workerData.stride) % workerData.entries;
          const hash = createHash('sha256').update(String(chunk)).digest();
          const place = { pack: chunk, offset: chunk ^ 0x5555, stored: chunk + 1, codec: chunk % 3, check: chunk << 11 };
          if (index.insert(hash, chunk + 1, place, true)) won++;
          else if (index.pack !== chunk || index.offset !== place.offset || index.stored !== place.stored) won = NaN;
          if (!index.find(hash, chunk + 1) || index.pack !== chunk || index.codec !== place.codec || index.check !== place.check) won = NaN;
        }
        parentPort.postMessage(won);
      });`;
    const module = new URL('../../dist/pack/chunk-index.js', import.meta.url).href;
    const workers = [1, 3, 7].map(
      (stride) => new Worker(script, { eval: true, execArgv: [], workerData: { module, memory, entries, stride } }),
    );
    const won = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0] as number));
    await Promise.all(workers.map((worker) => worker.terminate()));
    assert.equal(
      won.reduce((sum, count) => sum + count),
      entries,
    );
    assert.equal(new ChunkIndex(memory).count, entries);
  });
});
