// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import type { LocalPart, Progress } from '@grit/plugin-api';
import { fetchImage } from '../../src/read/fetch-image.js';
import type { ImageReader } from '../../src/read/image-reader.js';
import { FACTS, NEVER, failure } from '../facts.js';
import { bytesOf, randomBytes, runs } from '../some-data.js';
import type { MemoryStore } from './memory-store.js';
import { contents, filesBelow, hasExactly, storedImage, type Contents } from './some-image.js';

const run = promisify(execFile);
const PAGES = 'criu/pages-1.img';
const MIXED: Contents = {
  [PAGES]: Buffer.concat([
    randomBytes(700_416, 1),
    Buffer.alloc(1_048_576),
    bytesOf('pointers', 409_600, 2),
    bytesOf('sparse', 204_800, 3),
    Buffer.alloc(40_960),
    randomBytes(5000, 4),
  ]),
  'criu/core-1.img': randomBytes(700, 5),
  empty: Buffer.alloc(0),
};

describe('image: fetching', function () {
  this.timeout(60_000);
  let home = '';
  let copy = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-fetch-'));
    copy = join(home, 'deep/copy');
  });
  afterEach(() => rm(home, { recursive: true }));

  const mixed = (): Promise<[MemoryStore, ImageReader]> => storedImage(home, MIXED);

  it('makes the same files of any image, from local packs and through the store', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(contents, fc.boolean(), fc.integer({ min: 1000, max: 300_000 }), async (parts, local, piece) => {
        const place = join(home, String(count++));
        const [store, reader] = await storedImage(place, parts);
        store.piece = piece;
        if (local) await store.makeLocal(join(place, 'store'));
        const fetched = await fetchImage(reader, join(place, 'copy'), { signal: NEVER, durable: false });
        await hasExactly(join(place, 'copy'), parts);
        assert.deepEqual(
          fetched.map(({ name, size }) => [name, size]),
          Object.keys(parts)
            .sort()
            .map((name) => [name, parts[name]?.length]),
        );
        await rm(place, { recursive: true });
      }),
      runs(12),
    );
  });

  it('makes the same files of parts that are all zero, whatever their length', async () => {
    const parts = Object.fromEntries(
      Array.from({ length: 34 }, (_, pages) => [
        `zeros-${pages}`,
        Buffer.alloc(Math.max(1, pages * 4096 - (pages % 3))),
      ]),
    );
    const [store, reader] = await storedImage(home, parts);
    assert.deepEqual(store.packs(), []);
    await fetchImage(reader, copy, { signal: NEVER, durable: false });
    await hasExactly(copy, parts);
  });

  it('tells of each part when it is whole, and of all bytes at the end', async () => {
    const [, reader] = await mixed();
    const progress: Progress[] = [];
    const told: LocalPart[] = [];
    const parts = await fetchImage(reader, copy, {
      signal: NEVER,
      onProgress: (step) => progress.push(step),
      onPart: (part) => told.push(part),
    });
    await hasExactly(copy, MIXED);
    assert.deepEqual(progress.at(-1), { phase: 'fetch', doneBytes: reader.size, totalBytes: reader.size });
    assert.deepEqual(new Set(told), new Set(parts));
    assert.deepEqual(
      parts.find(({ name }) => name === 'criu/core-1.img'),
      { name: 'criu/core-1.img', kind: 'memory', size: 700, path: join(copy, 'criu/core-1.img') },
    );
  });

  it('leaves holes where nothing is, and lets nobody else read', async () => {
    const [, reader] = await mixed();
    await fetchImage(reader, copy, { signal: NEVER });
    const pages = await stat(join(copy, PAGES));
    const data = pages.size - 1_048_576;
    assert.ok(pages.blocks * 512 < data + 100_000, `${pages.blocks * 512} bytes on the disk for ${data}`);
    assert.equal(pages.mode & 0o777, 0o600);
    assert.equal((await stat(join(copy, 'criu'))).mode & 0o777, 0o700);
    assert.equal((await stat(copy)).mode & 0o777, 0o700);
  });

  it('keeps what is there and right, and replaces what is wrong', async () => {
    const [store, reader] = await mixed();
    await fetchImage(reader, copy, { signal: NEVER });
    const kept = await stat(join(copy, PAGES));
    await writeFile(join(copy, 'criu/core-1.img'), randomBytes(900, 9));
    await writeFile(join(copy, 'criu/.core-1.img.partial'), 'half');
    const progress: Progress[] = [];
    await fetchImage(reader, copy, { signal: NEVER, onProgress: (step) => progress.push(step) });
    await hasExactly(copy, MIXED);
    assert.equal((await stat(join(copy, PAGES))).ino, kept.ino);
    assert.equal(progress.at(-1)?.doneBytes, reader.size);
    // Nothing is read of the store when all is there.
    for (const name of store.packs()) store.objects.delete(name);
    await fetchImage(reader, copy, { signal: NEVER });
    await hasExactly(copy, MIXED);
  });

  it('goes on from any remains of the file', async () => {
    const [, reader] = await mixed();
    const path = join(copy, PAGES);
    const part = join(copy, 'criu/.pages-1.img.partial');
    const whole = MIXED[PAGES] ?? Buffer.alloc(0);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(whole.length), fc.boolean(), async (one, other, zero) => {
        // A range with other bytes, or with none; also in the hole and in pages of zeros.
        const bytes = Buffer.from(whole);
        bytes.fill(zero ? 0 : 0xa5, Math.min(one, other), Math.max(one, other));
        await rm(copy, { recursive: true, force: true });
        await mkdir(join(copy, 'criu'), { recursive: true });
        await writeFile(part, bytes.subarray(0, other % 3 === 0 ? one : bytes.length));
        await fetchImage(reader, copy, { signal: NEVER, durable: false });
        assert.ok((await readFile(path)).equals(whole));
        await hasExactly(copy, MIXED);
      }),
      runs(15),
    );
  });

  it('follows no link, and writes to no file that has another name elsewhere', async () => {
    const [, reader] = await mixed();
    const secret = join(home, 'secret');
    await writeFile(secret, 'of somebody else');
    await mkdir(join(copy, 'criu'), { recursive: true });
    await symlink(secret, join(copy, PAGES));
    await symlink(secret, join(copy, 'criu/.core-1.img.partial'));
    await link(secret, join(copy, 'empty'));
    await fetchImage(reader, copy, { signal: NEVER });
    await hasExactly(copy, MIXED);
    assert.equal(await readFile(secret, 'utf8'), 'of somebody else');
    assert.ok((await lstat(join(copy, PAGES))).isFile());

    await rename(join(copy, 'criu'), join(home, 'elsewhere'));
    await symlink(join(home, 'elsewhere'), join(copy, 'criu'));
    await failure(fetchImage(reader, copy, { signal: NEVER }), 'GRIT_STORAGE_IO');
  });

  it('with a damaged or missing chunk, takes it from a copy that has it', async () => {
    const [store, reader] = await mixed();
    const [, other] = await storedImage(join(home, 'other'), { 'else/where': MIXED[PAGES] ?? Buffer.alloc(0) });
    const [, useless] = await storedImage(join(home, 'useless'), { 'else/where': randomBytes(10_000, 77) });
    const [name = ''] = store.packs();
    const pack = Buffer.from(store.object(name));
    pack[10_000]! ^= 1;
    store.objects.set(name, pack);
    const damaged = await failure(
      fetchImage(reader, copy, { signal: NEVER, copies: [useless] }),
      'GRIT_IMAGE_PART_CORRUPT',
    );
    assert.equal(damaged.details?.part, PAGES);
    await fetchImage(reader, copy, { signal: NEVER, copies: [useless, other] });
    await hasExactly(copy, MIXED);

    // The other one does not have what core-1.img is made of.
    await rm(copy, { recursive: true });
    for (const pack of store.packs()) store.objects.delete(pack);
    const gone = await failure(fetchImage(reader, copy, { signal: NEVER, copies: [other] }), 'GRIT_IMAGE_PART_MISSING');
    assert.equal(gone.details?.['part'], 'criu/core-1.img');
    const [, all] = await storedImage(join(home, 'all'), MIXED);
    await fetchImage(reader, copy, { signal: NEVER, copies: [other, all] });
    await hasExactly(copy, MIXED);
  });

  it('damage is an error with part, offset and pack, and leaves nothing', async () => {
    const [store, reader] = await mixed();
    await store.makeLocal(join(home, 'store'));
    const [name = ''] = store.packs();
    const bytes = Buffer.from(store.object(name));
    bytes[400_000]! ^= 0x40;
    await writeFile(join(home, 'store', name), bytes);
    const error = await failure(fetchImage(reader, copy, { signal: NEVER }), 'GRIT_IMAGE_PART_CORRUPT');
    assert.equal(error.details?.part, PAGES);
    assert.equal(error.details.checkpoint, FACTS.checkpoint);
    assert.equal(`packs/${error.details.pack as string}`, name);
    const { offset } = error.details as { offset: number };
    assert.ok(offset <= 400_000 + 131_072, `offset ${offset}`);
    assert.ok(!(await filesBelow(copy)).some((file) => file.includes('pages')));

    // The store says the right size, the file has another.
    await truncate(join(home, 'store', name), 300_000);
    const read = store.read.bind(store);
    store.read = (object, range) => {
      if (object === name) store.objects.set(name, bytes.subarray(0, 300_000));
      return read(object, range);
    };
    await failure(fetchImage(reader, copy, { signal: NEVER }), 'GRIT_IMAGE_PART_TRUNCATED');
    assert.ok(!(await filesBelow(copy)).some((file) => file.includes('pages')));
  });

  it('an abort ends it though the store hangs, and it goes on later', async () => {
    const [store, reader] = await mixed();
    const read = store.read.bind(store);
    const cancelled = new AbortController();
    store.read = async function* (name, range) {
      if (!name.startsWith('packs/')) {
        yield* read(name, range);
        return;
      }
      cancelled.abort();
      await new Promise(() => undefined);
    };
    await failure(fetchImage(reader, copy, { signal: cancelled.signal }), 'GRIT_ABORTED');
    assert.ok(!(await filesBelow(copy)).includes(PAGES));
    store.read = read;
    await failure(fetchImage(reader, copy, { signal: AbortSignal.abort() }), 'GRIT_ABORTED');
    await fetchImage(reader, copy, { signal: NEVER });
    await hasExactly(copy, MIXED);
  });

  it('a node without room is GRIT_NODE_STORAGE_FULL, and one that cannot be written GRIT_STORAGE_IO', async function () {
    if (process.getuid?.() !== 0) this.skip('needs root to mount a volume');
    // One part: of several any may be the one for which there is no room.
    const [, reader] = await storedImage(home, { [PAGES]: randomBytes(1_000_000, 6) });
    const volume = join(home, 'volume');
    await mkdir(volume);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', volume]);
    try {
      const full = await failure(fetchImage(reader, join(volume, 'copy'), { signal: NEVER }), 'GRIT_NODE_STORAGE_FULL');
      assert.equal(full.details?.part, PAGES);
      assert.deepEqual(
        (await filesBelow(join(volume, 'copy'))).filter((file) => file.includes('pages')),
        [],
      );
      await run('mount', ['-o', 'remount,ro', volume]);
      await failure(fetchImage(reader, join(volume, 'other'), { signal: NEVER }), 'GRIT_STORAGE_IO');
    } finally {
      await run('umount', [volume]);
    }
  });
});
