// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, open as openFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newPackName } from '../../src/pack/pack-name.js';
import { packThreads } from '../../src/pack/pack-threads.js';
import { Packer, type PackedImage } from '../../src/pack/packer.js';
import { NEVER } from '../facts.js';
import { KILLED_LIMITS, KILLED_PAGES } from './killed-pages.js';
import { readPacked } from './naive-reader.js';
import { sendRun } from './pages-source.js';

const PROGRAM = fileURLToPath(new URL('killed-packer.ts', import.meta.url));

describe('packing after a crash', function () {
  this.timeout(120_000);
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-resume-'));
  });
  after(async () => {
    await packThreads.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function pack(name: string): Promise<PackedImage> {
    const packer = await Packer.open({ directory, signal: NEVER, compression: 'never', limits: KILLED_LIMITS });
    const sink = packer.openPages();
    await sendRun(sink, sink.open(name), { address: 0, pages: KILLED_PAGES });
    const image = await packer.finish();
    assert.ok((await readPacked(directory, image)).get(name)!.equals(KILLED_PAGES));
    return image;
  }

  const own = async (): Promise<string[]> => (await readdir(directory)).sort();

  it('uses what a killed packer has finished, and writes only the rest', async () => {
    const signal = await new Promise((resolve) => {
      const child = execFile(process.execPath, ['--import', 'tsx', PROGRAM, directory]);
      child.stderr?.pipe(process.stderr);
      child.once('close', (_code, by) => resolve(by));
    });
    assert.equal(signal, 'SIGKILL');
    await writeFile(join(directory, `${newPackName()}.partial`), 'half a pack');
    await writeFile(join(directory, newPackName()), 'no pack at all');
    const left = (await own()).filter((name) => !name.endsWith('.partial'));
    const sizes = await Promise.all(left.map(async (name) => (await stat(join(directory, name))).size));
    const image = await pack('pages-1.img');
    const kept = image.packs.filter(({ name }) => left.includes(name));
    // The one that is no pack is gone.
    assert.equal(kept.length, left.length - 1);
    assert.ok(image.packs.every((one) => one.own));
    const { bytes, table } = image;
    assert.deepEqual(bytes.data, KILLED_PAGES.length);
    assert.deepEqual(bytes.fresh, KILLED_PAGES.length);
    const all = await Promise.all(image.packs.map(async ({ name }) => (await stat(join(directory, name))).size));
    assert.equal(
      bytes.stored,
      all.reduce((sum, size) => sum + size, table.length),
    );
    // All of it fits into what is missing, and the ends of packs.
    const written = bytes.stored - sizes.reduce((sum, size) => sum + size);
    assert.ok(written < KILLED_PAGES.length - (left.length - 1) * KILLED_LIMITS.packBytes + image.packs.length * 8192);
    assert.deepEqual(await own(), image.packs.map(({ name }) => name).sort());
  });

  it('writes nothing when all is there', async () => {
    const before = await own();
    const image = await pack('other.img');
    assert.deepEqual(await own(), before);
    assert.equal(image.packs.length, before.length);
  });

  it('writes again what was damaged meanwhile', async () => {
    const sized = await Promise.all(
      (await own()).map(async (name) => ({ name, size: (await stat(join(directory, name))).size })),
    );
    // Full ones: the last packs may have one chunk only.
    const [first, second, ...others] = sized.sort((a, b) => b.size - a.size).map(({ name }) => name);
    await using file = await openFile(join(directory, first!), 'r+');
    await file.write(Buffer.from('damage'), 0, 6, 200_000);
    await truncate(join(directory, second!), 4096 * 3);
    const image = await pack('pages-1.img');
    const names = image.packs.map(({ name }) => name);
    // The chunk with the damage is in another pack now; what is beside it is good.
    assert.ok(names.includes(first!) && !names.includes(second!));
    assert.ok(others.every((name) => names.includes(name)));
    assert.ok(names.length > others.length + 1);
  });
});
