// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchImage, openImage, storeImage, verifyImage } from '@grit/image';
import { PvcStorage } from '@grit/storage-pvc';
import { randomBytesOf, writeParts } from './corpus.js';
import { factsOf, isIdentical, signal } from './stored-image.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

describe('image: many parts, and large ones with holes', function () {
  this.timeout(120_000);
  let home = '';
  let storage: PvcStorage;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-shapes-'));
    storage = new PvcStorage({ path: join(home, 'store') });
  });
  afterEach(() => rm(home, { recursive: true }));

  it('100 small parts', async () => {
    const contents = Array.from({ length: 100 }, (_, at) => [
      `criu/d${at % 7}/core-${at}.img`,
      randomBytesOf(`small-${at}`, (at * 997) % 20_000),
    ]);
    const parts = await writeParts(join(home, 'source'), Object.fromEntries(contents) as Record<string, Buffer>);
    const { manifest } = await storeImage(await storage.begin('c-1', signal), parts, factsOf('c-1'), { signal });
    assert.equal(manifest.parts.length, 100);
    // One for each thread at most, however many files there are.
    assert.ok(manifest.packs.length <= 8, `${manifest.packs.length} packs`);
    await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
  });

  it('a file of 1 GiB that is all holes but for three places: little is stored, and the holes stay', async () => {
    const path = join(home, 'sparse');
    const places = [
      [0, 3 * 4096],
      [300 * MIB + 123, MIB],
      [GIB - 5000, 4000],
    ] as const;
    {
      await using file = await open(path, 'w');
      await file.truncate(GIB);
      for (const [at, size] of places) await file.write(randomBytesOf(`at-${at}`, size), 0, size, at);
    }
    const part = { name: 'rootfs/sparse', kind: 'rootfs', path } as const;

    const { manifest, size } = await storeImage(await storage.begin('c-1', signal), [part], factsOf('c-1'), { signal });
    assert.equal(size, GIB);
    assert.ok(manifest.bytes.data < 2 * MIB && manifest.bytes.stored < 2 * MIB, JSON.stringify(manifest.bytes));
    const reader = await openImage(storage, 'c-1', signal);
    await verifyImage(reader, { signal });
    const [copy] = await fetchImage(reader, join(home, 'copy'), { signal, durable: false });
    const found = await stat(copy?.path ?? '');
    assert.equal(found.size, GIB);
    assert.ok(found.blocks * 512 < 4 * MIB, `${found.blocks * 512} bytes of disk`);
    await using source = await open(path, 'r');
    await using fetched = await open(copy?.path ?? '', 'r');
    for (const [at, bytes] of places) {
      // With what is around it.
      const from = Math.max(0, at - 4096);
      const [expected, got] = [Buffer.alloc(bytes + 8192), Buffer.alloc(bytes + 8192)];
      await source.read(expected, 0, expected.length, from);
      await fetched.read(got, 0, got.length, from);
      assert.ok(got.equals(expected), `other bytes at ${at}`);
    }
  });
});
