// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { PartSource } from '@grit/plugin-api';
import type { PackLimits } from '../../src/pack/pack-limits.js';
import { packThreads } from '../../src/pack/pack-threads.js';
import { Packer, type PackerOptions } from '../../src/pack/packer.js';
import { NEVER, failure } from '../facts.js';
import { mounted, remount } from '../io/mounted.js';
import { readPacked } from './naive-reader.js';
import { sendRun } from './pages-source.js';
import { SEED, Seeded } from './seeded.js';

const MIB = 1024 * 1024;
const SMALL: Partial<PackLimits> = { slabBytes: 256 * 1024, slabs: 3, packBytes: MIB, rangeBytes: MIB };

/** Waits until this process, on whichever thread, has the file open. */
async function opened(path: string): Promise<void> {
  for (;;) {
    const links = (await readdir('/proc/self/fd')).map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => ''));
    if ((await Promise.all(links)).includes(path)) return;
    await pause(1);
  }
}

describe('packing when something goes wrong', function () {
  this.timeout(120_000);
  let directory: string;
  let packs: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-faults-'));
    packs = join(directory, 'packs');
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });
  after(() => packThreads.close());

  const open = (options: Partial<PackerOptions> = {}): Promise<Packer> =>
    Packer.open({ directory: packs, signal: NEVER, limits: SMALL, compression: 'never', ...options });

  async function file(name: string, bytes: Buffer): Promise<PartSource> {
    await writeFile(join(directory, name), bytes);
    return { name, kind: 'rootfs', path: join(directory, name) };
  }

  it('has no room: GRIT_STORAGE_FULL, and goes on from there when there is', async function () {
    await mounted(
      this,
      'tmpfs',
      packs,
      async () => {
        const pages = new Seeded(SEED).bytes(8 * MIB);
        const send = async (packer: Packer): Promise<void> => {
          const sink = packer.openPages();
          await sendRun(sink, sink.open('pages-1.img'), { address: 0, pages });
        };
        const full = await open({ limits: { ...SMALL, threads: 1 } });
        await failure(
          send(full).then(() => full.finish()),
          'GRIT_STORAGE_FULL',
        );
        await failure(full.addFile(await file('file', pages)), 'GRIT_STORAGE_FULL');
        await remount(packs, 'size=32m');
        const next = await open();
        await send(next);
        const image = await next.finish();
        assert.ok((await readPacked(packs, image)).get('pages-1.img')!.equals(pages));
      },
      'size=3m',
    );
  });

  it('may not write: GRIT_STORAGE_READ_ONLY', async function () {
    await mounted(this, 'tmpfs', packs, async () => {
      await remount(packs, 'ro');
      const packer = await open();
      const part = await file('file', new Seeded(SEED).bytes(MIB));
      await failure(
        packer.addFile(part).then(() => packer.finish()),
        'GRIT_STORAGE_READ_ONLY',
      );
      await packer.discard();
    });
  });

  it('where O_DIRECT is refused it writes through the page cache', async function () {
    await mounted(this, 'ramfs', packs, async () => {
      const pages = new Seeded(SEED).pages(600);
      const packer = await open();
      await packer.addFile(await file('file', pages));
      assert.ok((await readPacked(packs, await packer.finish())).get('file')!.equals(pages));
    });
  });

  it('is aborted in the middle of a file that has no end', async () => {
    const aborter = new AbortController();
    const endless = await file('endless', Buffer.alloc(0));
    await truncate(endless.path, 2 ** 42);
    const packer = await open({ signal: aborter.signal, limits: { ...SMALL, rangeBytes: 2 ** 38 } });
    await packer.addFile(await file('small', new Seeded(SEED).bytes(3 * MIB)));
    const adding = failure(packer.addFile(endless), 'GRIT_ABORTED');
    const finishing = failure(packer.finish(), 'GRIT_ABORTED');
    await opened(endless.path);
    aborter.abort();
    await Promise.all([adding, finishing]);
    // The threads are free again, and only finished packs are left: for the next packer.
    await packer.discard();
    assert.deepEqual(await readdir(packs), []);
    const next = await open();
    await next.addFile(await file('small', new Seeded(SEED).bytes(MIB)));
    await next.finish();
  });

  it('loses its threads: GRIT_INTERNAL, and the next packer has others', async () => {
    const pages = new Seeded(SEED).bytes(2 * MIB);
    const packer = await open();
    const sink = packer.openPages();
    await sendRun(sink, sink.open('pages-1.img'), { address: 0, pages });
    await packThreads.close();
    await failure(packer.finish(), 'GRIT_INTERNAL');
    await packer.discard();
    assert.deepEqual(await readdir(packs), []);
    const next = await open();
    await next.addFile(await file('file', pages));
    assert.ok((await readPacked(packs, await next.finish())).get('file')!.equals(pages));
  });

  it('names what is wrong with a file', async () => {
    const packer = (): Promise<Packer> => open();
    await mkdir(join(directory, 'folder'));
    await symlink('file', join(directory, 'link'));
    const bad = (name: string): PartSource => ({ name: 'part', kind: 'rootfs', path: join(directory, name) });
    await failure((await packer()).addFile(bad('gone')), 'GRIT_IMAGE_PART_MISSING');
    await failure((await packer()).addFile(bad('folder')), 'GRIT_IMAGE_PART_CORRUPT');
    await failure((await packer()).addFile(bad('link')), 'GRIT_IMAGE_PART_CORRUPT');
  });

  it('serves several packers at once, and one that fails does not hurt the others', async () => {
    const random = new Seeded(SEED);
    const bytes = [random.bytes(2 * MIB), random.pages(500), random.pages(300)];
    const packers = await Promise.all(bytes.map((_, at) => open({ directory: join(directory, `packs-${at}`) })));
    const parts = await Promise.all(bytes.map((content, at) => file(`file-${at}`, content)));
    const adding = packers.map((packer, at) => packer.addFile(parts[at]!));
    const gone = failure(packers[1]!.addFile({ name: 'gone', kind: 'log', path: '/gone' }), 'GRIT_IMAGE_PART_MISSING');
    await Promise.allSettled(adding);
    await gone;
    await failure(packers[1]!.finish(), 'GRIT_IMAGE_PART_MISSING');
    for (const at of [0, 2]) {
      const image = await packers[at]!.finish();
      assert.ok((await readPacked(join(directory, `packs-${at}`), image)).get(`file-${at}`)!.equals(bytes[at]!));
    }
  });

  it('nothing is added to a finished packer', async () => {
    const packer = await open();
    await packer.finish();
    assert.throws(() => packer.openPages(), { code: 'GRIT_INTERNAL' });
    await failure(packer.finish(), 'GRIT_INTERNAL');
  });

  it('an aborted signal opens nothing', async () => {
    await failure(open({ signal: AbortSignal.abort() }), 'GRIT_ABORTED');
  });
});
