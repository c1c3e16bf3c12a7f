// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '@grit/plugin-api';
import { NO_PACK, ROW_BYTES } from '../../src/format/chunk-row.js';
import { DEFAULT_LIMITS, type PackLimits } from '../../src/pack/pack-limits.js';
import { packThreads } from '../../src/pack/pack-threads.js';
import type { KnownChunks, KnownTable } from '../../src/pack/known-chunks.js';
import { Packer, type PackedImage, type PackerOptions, type UsedPack } from '../../src/pack/packer.js';
import { NEVER } from '../facts.js';
import { readPacked } from './naive-reader.js';
import { sendRun, type Run } from './pages-source.js';
import { SEED, Seeded } from './seeded.js';

const MIB = 1024 * 1024;
const SMALL: Partial<PackLimits> = {
  slabBytes: 256 * 1024,
  slabs: 3,
  packBytes: MIB,
  rangeBytes: MIB,
  indexEntries: 4096,
};

describe('packing an image', function () {
  this.timeout(120_000);
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-pack-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });
  after(() => packThreads.close());

  const open = (options: Partial<PackerOptions> = {}): Promise<Packer> =>
    Packer.open({ directory: join(directory, 'packs'), signal: NEVER, limits: SMALL, ...options });

  /** What a packer is told about an image; `held`: which of its packs may be used. */
  const knownOf = ({ hash, table, packs }: PackedImage, held = (_: UsedPack): boolean => true): KnownChunks => {
    const known = packs.filter(held).map(({ name, size, index }) => ({ name, size, index, image: 'c-1' }));
    const places = packs.map(({ name }) => known.findIndex((pack) => pack.name === name));
    return {
      packs: known,
      tables: [{ hash, table, places: Uint32Array.from(places, (place) => (place < 0 ? NO_PACK : place)) }],
    };
  };

  async function packRuns(packer: Packer, name: string, runs: readonly Run[], options = {}): Promise<Buffer> {
    const sink = packer.openPages();
    const stream = sink.open(name);
    for (const run of runs) await sendRun(sink, stream, run, options);
    const all = Buffer.concat(runs.map(({ pages }) => pages));
    assert.equal(stream.end(), all.length);
    return all;
  }

  it('has its threads ready before there is anything to pack, if it is to be warm', async () => {
    await packThreads.close();
    const cold = await open();
    assert.equal(packThreads.alive, 0);
    const warm = await open({ directory: join(directory, 'other'), warm: true });
    assert.equal(packThreads.alive, DEFAULT_LIMITS.threads);
    await packRuns(warm, 'pages', [{ address: 0, pages: Buffer.alloc(4096, 1) }]);
    assert.equal((await warm.finish()).parts.length, 1);
    await cold.discard();
  });

  it('packs runs of pages at any address and gives them back', async () => {
    const random = new Seeded(SEED);
    for (let round = 0; round < 3; round++) {
      const runs = Array.from({ length: 12 }, () => ({
        address: random.below(2 ** 20) * 4096 + random.below(4) * 2 ** 40,
        pages: random.pages(1 + random.below(round === 0 ? 4 : 90)),
      }));
      const options = { piece: 4096 * (1 + random.below(40)), gap: random.below(3) * 24 };
      const packer = await open({ directory: join(directory, `packs-${round}`) });
      const pages = await packRuns(packer, 'pages-1.img', runs, options);
      const image = await packer.finish();
      const parts = await readPacked(join(directory, `packs-${round}`), image);
      assert.ok(parts.get('pages-1.img')!.equals(pages), `round ${round} of seed ${SEED}`);
      assert.equal(image.parts[0]!.kind, 'memory');
    }
  });

  it('cuts memory by address, wherever the slabs end', async () => {
    const random = new Seeded(SEED);
    const pages = random.bytes(3 * MIB);
    const tables = [];
    for (const options of [{}, { piece: 4096, gap: 24 }, { piece: 20 * 4096, gap: 8 }]) {
      const packer = await open({ directory: join(directory, `packs-${tables.length}`) });
      await packRuns(packer, 'pages-1.img', [{ address: 0x7f00_0000_3000, pages }], options);
      const { parts } = await packer.finish();
      tables.push(parts[0]!.digest);
      // 29 pages up to the first boundary, then whole chunks, and 3 pages that are left.
      assert.equal(parts[0]!.rows[1], 25);
    }
    assert.equal(new Set(tables).size, 1);
  });

  it('keeps streams that alternate apart', async () => {
    const random = new Seeded(SEED);
    const packer = await open();
    const sink = packer.openPages();
    const sent = ['a.img', 'b.img', 'c.img'].map((name) => ({
      name,
      stream: sink.open(name),
      pages: [] as Buffer[],
      at: 0,
    }));
    for (let turn = 0; turn < 40; turn++) {
      const one = sent[random.below(3)]!;
      const pages = random.pages(1 + random.below(30));
      await sendRun(sink, one.stream, { address: 0x1000 + one.at, pages }, { gap: 16 });
      one.at += pages.length + random.below(2) * 8192;
      one.pages.push(pages);
    }
    const parts = await readPacked(join(directory, 'packs'), await packer.finish());
    for (const { name, pages } of sent)
      assert.ok(parts.get(name)!.equals(Buffer.concat(pages)), `${name}, seed ${SEED}`);
  });

  it('packs files of every size, with holes', async () => {
    const random = new Seeded(SEED);
    const files = new Map<string, Buffer>();
    for (const [index, size] of [0, 1, 4095, 4096, 4097, 70_000, MIB, 3 * MIB + 5].entries()) {
      files.set(`file-${index}`, random.bytes(size));
    }
    files.set('mixed', random.pages(500));
    files.set('sparse', Buffer.alloc(5 * MIB + 100));
    for (const [name, bytes] of files) await writeFile(join(directory, name), bytes);
    await writeFile(join(directory, 'sparse'), '');
    await truncate(join(directory, 'sparse'), 5 * MIB + 100);
    const packer = await open();
    await Promise.all(
      [...files.keys()].map((name) => packer.addFile({ name, kind: 'rootfs', path: join(directory, name) })),
    );
    const image = await packer.finish();
    const parts = await readPacked(join(directory, 'packs'), image);
    for (const [name, bytes] of files) assert.ok(parts.get(name)!.equals(bytes), name);
    assert.deepEqual(
      image.parts.map(({ name }) => name),
      [...files.keys()].sort(),
    );
    const sparse = image.parts.find(({ name }) => name === 'sparse')!;
    assert.equal(sparse.rows[1], 1);
  });

  it('finds everything again in the packs of an earlier image', async () => {
    const random = new Seeded(SEED);
    const run = { address: 0x5000, pages: random.pages(700) };
    await writeFile(join(directory, 'file'), random.pages(400));
    const file = { name: 'file', kind: 'rootfs', path: join(directory, 'file') } as const;
    const first = await open();
    await packRuns(first, 'pages-1.img', [run]);
    await first.addFile(file);
    const one = await first.finish();
    assert.ok(one.bytes.fresh > 0 && one.bytes.fresh <= one.bytes.data);
    const second = await open({ directory: join(directory, 'second'), known: knownOf(one) });
    await second.addFile(file);
    await packRuns(second, 'pages-1.img', [run]);
    const two = await second.finish();
    assert.deepEqual({ data: two.bytes.data, fresh: two.bytes.fresh }, { data: one.bytes.data, fresh: 0 });
    assert.equal(two.bytes.stored, two.table.length);
    assert.deepEqual(await readdir(join(directory, 'second')), []);
    assert.ok(two.packs.every(({ own, image }) => !own && image === 'c-1'));
    const parts = await readPacked(join(directory, 'second'), two, join(directory, 'packs'));
    assert.ok(parts.get('pages-1.img')!.equals(run.pages));
  });

  it('uses only what is held of a known image, and nothing of one with another hash', async () => {
    const run = { address: 0, pages: new Seeded(SEED).bytes(4 * MIB) };
    const first = await open({ compression: 'never' });
    await packRuns(first, 'pages-1.img', [run]);
    const one = await first.finish();
    const names = one.packs.map(({ name }) => name);
    assert.ok(names.length >= 3);
    const known = knownOf(one, ({ name }) => name !== names[1]);
    // No pack of the other image is opened: they are not where this packer could find them.
    await rename(join(directory, 'packs'), join(directory, 'elsewhere'));
    const second = join(directory, 'second');
    const packer = await open({ directory: second, known });
    await packRuns(packer, 'pages-1.img', [run]);
    const image = await packer.finish();
    const used = image.packs.filter(({ own }) => !own).map(({ name }) => name);
    assert.deepEqual(used.sort(), names.filter((name) => name !== names[1]).sort());
    assert.ok(image.bytes.fresh > 0 && image.bytes.fresh < image.bytes.data);
    const parts = await readPacked(second, image, join(directory, 'elsewhere'));
    assert.ok(parts.get('pages-1.img')!.equals(run.pages));

    const other = await open({ directory: join(directory, 'third'), known, hash: 'sha256' });
    await packRuns(other, 'pages-1.img', [run]);
    const third = await other.finish();
    assert.deepEqual([third.hash, third.bytes.fresh], ['sha256', run.pages.length]);
    assert.ok((await readPacked(join(directory, 'third'), third)).get('pages-1.img')!.equals(run.pages));
  });

  it('finds chunks in a table that is more than one piece of work', async () => {
    const run = { address: 0, pages: new Seeded(SEED).bytes(MIB) };
    const first = await open();
    await packRuns(first, 'pages-1.img', [run]);
    const one = await first.finish();
    const { packs, tables } = knownOf(one);
    const [{ table, places, hash }] = tables as [KnownTable];
    // Rows of holes before it: what counts comes last.
    const hole = Buffer.alloc(ROW_BYTES);
    hole.writeUInt32LE(4096, 32);
    hole.writeUInt32LE(NO_PACK, 40);
    const long = Buffer.concat([Buffer.alloc(150_000 * ROW_BYTES, hole), table]);
    const second = await open({
      directory: join(directory, 'second'),
      known: { packs, tables: [{ hash, places, table: long }] },
    });
    await packRuns(second, 'pages-1.img', [run]);
    assert.equal((await second.finish()).bytes.fresh, 0);
    assert.ok(table.length > 0, 'the table is still its owner’s');
  });

  it('goes on when the index is full', async () => {
    const packer = await open({ limits: { ...SMALL, indexEntries: 16 } });
    const pages = await packRuns(packer, 'pages-1.img', [{ address: 0, pages: new Seeded(SEED).pages(2000) }]);
    const parts = await readPacked(join(directory, 'packs'), await packer.finish());
    assert.ok(parts.get('pages-1.img')!.equals(pages));
  });

  it('counts the bytes', async () => {
    const random = new Seeded(SEED);
    const chunk = random.bytes(128 * 1024);
    const told: Progress[] = [];
    const packer = await open({
      compression: 'never',
      limits: { ...DEFAULT_LIMITS, threads: 1 },
      onProgress: (progress) => told.push(progress),
    });
    const pages = Buffer.concat([chunk, chunk, Buffer.alloc(256 * 1024), random.bytes(64 * 1024)]);
    await packRuns(packer, 'pages-1.img', [{ address: 0, pages }]);
    const { bytes, packs, table } = await packer.finish();
    assert.equal(bytes.data, 320 * 1024);
    assert.equal(bytes.fresh, 192 * 1024);
    assert.equal(bytes.stored, packs[0]!.size + table.length);
    assert.equal(packs[0]!.size, 192 * 1024 + 4096);
    assert.deepEqual(told.at(-1), { phase: 'store', doneBytes: pages.length, totalBytes: undefined });
    // The zeros are one hole.
    assert.equal(table.length, 4 * ROW_BYTES);
  });

  it('is empty without parts', async () => {
    const image = await (await open()).finish();
    assert.deepEqual(
      { ...image, hash: '' },
      { hash: '', table: image.table, parts: [], packs: [], bytes: { data: 0, fresh: 0, stored: 0 } },
    );
  });
});
