// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packThreads } from '../../src/pack/pack-threads.js';
import { Packer } from '../../src/pack/packer.js';
import { NEVER, failure } from '../facts.js';
import { SEED, Seeded } from './seeded.js';

const SLAB = 256 * 1024;

describe('the sink for pages', function () {
  this.timeout(60_000);
  let directory: string;
  let packer: Packer;
  let aborter: AbortController;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-sink-'));
    aborter = new AbortController();
    const limits = { slabs: 3, slabBytes: SLAB };
    packer = await Packer.open({ directory, signal: aborter.signal, limits });
  });
  afterEach(async () => {
    await packer.discard();
    await rm(directory, { recursive: true, force: true });
  });
  after(() => packThreads.close());

  it('gives out no more memory than it has, and more when the threads are done', async () => {
    const sink = packer.openPages();
    const stream = sink.open('pages-1.img');
    const random = new Seeded(SEED);
    let address = 0;
    let given = 0;
    // No answer of a thread arrives before this turn of the event loop is over.
    for (let room = sink.room(); room !== undefined; room = sink.room()) {
      assert.ok(room.length >= 64 * 1024);
      const pages = room.subarray(0, room.length - (room.length % 4096));
      pages.set(random.bytes(pages.length));
      stream.write(address, pages);
      address += pages.length;
      given += pages.length;
    }
    assert.ok(given > 2 * SLAB && given <= 3 * SLAB);
    await sink.ready(NEVER);
    assert.ok(sink.room());
    assert.equal(stream.end(), given);
    assert.equal((await packer.finish({ durable: false })).parts[0]!.size, given);
  });

  it('gives the same room again until pages are told of', async () => {
    const sink = packer.openPages();
    const room = sink.room()!;
    const again = sink.room()!;
    assert.deepEqual([again.byteOffset, again.length], [room.byteOffset, room.length]);
    const stream = sink.open('pages-1.img');
    stream.write(4096, again.subarray(24, 24 + 8192));
    assert.equal(sink.room()!.byteOffset, 24 + 8192);
    // There is room, so there is nothing to wait for.
    await sink.ready(NEVER);
  });

  it('refuses what is no page of its memory', async () => {
    const sink = packer.openPages();
    const stream = sink.open('pages-1.img');
    const room = sink.room()!;
    assert.throws(() => stream.write(0, new Uint8Array(4096)), { code: 'GRIT_INTERNAL' });
    assert.throws(() => stream.write(1, room.subarray(0, 4096)), { code: 'GRIT_INTERNAL' });
    assert.throws(() => stream.write(0, room.subarray(0, 4095)), { code: 'GRIT_INTERNAL' });
    stream.write(0, room.subarray(0, 0));
    assert.equal(stream.end(), 0);
    assert.throws(() => stream.write(0, room.subarray(0, 4096)), { code: 'GRIT_INTERNAL' });
    assert.throws(() => sink.open('pages-1.img'), { code: 'GRIT_IMAGE_MANIFEST_INVALID' });
    assert.throws(() => sink.open('../pages-1.img'), { code: 'GRIT_IMAGE_MANIFEST_INVALID' });
    await failure(packer.addFile({ name: 'pages-1.img', kind: 'memory', path: '/' }), 'GRIT_IMAGE_MANIFEST_INVALID');
  });

  it('tells who waits that the packer was aborted', async () => {
    const sink = packer.openPages();
    const stream = sink.open('pages-1.img');
    for (let room = sink.room(); room !== undefined; room = sink.room()) {
      stream.write(0, room.subarray(0, room.length - (room.length % 4096)));
    }
    const waiting = failure(sink.ready(NEVER), 'GRIT_ABORTED');
    aborter.abort();
    await waiting;
    assert.equal(sink.room(), undefined);
    assert.throws(() => sink.open('pages-2.img'), { code: 'GRIT_ABORTED' });
    await failure(sink.ready(NEVER), 'GRIT_ABORTED');
    await failure(packer.finish(), 'GRIT_ABORTED');
    assert.throws(() => packer.openPages(), { code: 'GRIT_ABORTED' });
  });

  it('ends a wait by its own signal', async () => {
    const sink = packer.openPages();
    const stream = sink.open('pages-1.img');
    for (let room = sink.room(); room !== undefined; room = sink.room()) {
      stream.write(0, room.subarray(0, room.length - (room.length % 4096)));
    }
    const mine = new AbortController();
    const waiting = failure(sink.ready(mine.signal), 'GRIT_ABORTED');
    mine.abort();
    await waiting;
    await failure(sink.ready(mine.signal), 'GRIT_ABORTED');
    await packer.finish({ durable: false });
  });
});
