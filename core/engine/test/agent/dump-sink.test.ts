// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackedImage } from '@grit/image';
import { never } from '../catalog/test-catalog.js';
import { TestDump } from './test-dump.js';

const names = ({ parts }: PackedImage): string[] => parts.map(({ name }) => name);
const digests = ({ parts }: PackedImage): string[] => parts.map(({ digest }) => digest);

describe('a dump that is packed while it goes on', function () {
  // The threads of the packer begin with the first test.
  this.timeout(60_000);
  let test: TestDump;
  beforeEach(() => void (test = new TestDump()));
  afterEach(() => test.remove());

  /** A whole dump of a driver that sends its pages. */
  async function dumpPages(content: string): Promise<PackedImage> {
    const sink = await test.open();
    await test.send(sink, 'pages', content);
    sink.add(await test.file('state', content));
    await sink.flush(never);
    assert.equal(sink.isFlushed, true);
    return test.packed();
  }

  /** A whole dump of a driver that knows files only. */
  async function dumpFiles(content: string): Promise<PackedImage> {
    const sink = await test.open();
    for (const name of ['memory', 'state']) sink.add(await test.file(name, `${content} ${name}`));
    await sink.flush(never);
    return test.packed();
  }

  it('has pages and files, and its packs lie where they are to lie', async () => {
    const packed = await dumpPages('one');
    assert.deepEqual(names(packed), ['pages', 'state']);
    assert.deepEqual((await test.left()).sort(), packed.packs.map(({ name }) => name).sort());
    assert.ok(packed.packs.length > 0 && packed.packs.every(({ own }) => own));
  });

  it('is opened before anything is dumped, so that a store that fails freezes nothing', async () => {
    const sink = await test.open();
    assert.equal(test.begun, 1);
    await sink.discard();
  });

  it('a driver that has finished adds its files again, and nothing is packed twice', async () => {
    const first = await dumpPages('one');
    await rm(join(test.directory, 'image'), { recursive: true });
    const sink = await test.open();
    sink.add({ name: 'state', kind: 'runtime', path: join(test.directory, 'image', 'state') });
    await sink.flush(never);
    assert.deepEqual([test.begun, await test.packed()], [1, first]);
  });

  it('the same with the files still there, as pages cannot be sent again', async () => {
    const first = await dumpPages('one');
    const sink = await test.open();
    sink.add(await test.file('state', 'one'));
    await sink.flush(never);
    assert.deepEqual([test.begun, await test.packed()], [1, first]);
  });

  it('a driver that sends its pages anew has dumped anew, and its files count anew too', async () => {
    const first = await dumpPages('one');
    const sink = await test.open();
    assert.equal(test.begun, 1);
    sink.add(await test.file('state', 'two'));
    await test.send(sink, 'pages', 'two');
    await sink.flush(never);
    const second = await test.packed();
    assert.deepEqual(names(second), names(first));
    assert.ok(digests(second).every((digest) => !digests(first).includes(digest)));
  });

  it('a crash in the middle of dumping anew leaves no record of the dump before', async () => {
    await dumpPages('one');
    const sink = await test.open();
    await sink.openPages(never);
    await assert.rejects(test.packed(), /nothing is packed/);
    await sink.discard();
  });

  it('a driver of files dumps anew, too: all of them are there', async () => {
    const first = await dumpFiles('one');
    const second = await dumpFiles('two');
    assert.equal(test.begun, 2);
    assert.ok(digests(second).every((digest) => !digests(first).includes(digest)));
  });

  it('a driver of files that has finished is taken at its word when some of them are gone', async () => {
    const first = await dumpFiles('one');
    const sink = await test.open();
    sink.add(await test.file('memory', 'one memory'));
    sink.add({ name: 'state', kind: 'runtime', path: join(test.directory, 'image', 'gone') });
    await sink.flush(never);
    assert.deepEqual([test.begun, await test.packed()], [1, first]);
  });

  it('a finished driver cannot come with another part', async () => {
    await dumpPages('one');
    const sink = await test.open();
    sink.add(await test.file('other', 'x'));
    await assert.rejects(sink.flush(never), { code: 'GRIT_DUMP_FAILED', message: /other/ });
  });

  it('refuses bad and doubled names at once, and whatever comes late', async () => {
    const sink = await test.open();
    const part = await test.file('state', 'x');
    assert.throws(() => sink.add({ ...part, name: '../state' }), { code: 'GRIT_IMAGE_MANIFEST_INVALID' });
    sink.add(part);
    assert.throws(() => sink.add(part), { code: 'GRIT_IMAGE_MANIFEST_INVALID' });
    await sink.flush(never);
    assert.throws(() => sink.add({ ...part, name: 'late' }), { code: 'GRIT_DUMP_FAILED' });
  });

  it('tells at the flush what went wrong before, and leaves nothing when it is discarded', async () => {
    const sink = await test.open();
    sink.add(await test.file('state', 'x'));
    sink.add({ name: 'gone', kind: 'runtime', path: join(test.directory, 'image', 'gone') });
    await assert.rejects(sink.flush(never), { code: 'GRIT_IMAGE_PART_MISSING' });
    await assert.rejects(sink.flush(never), { code: 'GRIT_IMAGE_PART_MISSING' });
    assert.equal(sink.isFlushed, false);
    await sink.discard();
    assert.deepEqual([await test.left(), test.aborted], [[], true]);
    await assert.rejects(test.packed(), /nothing is packed/);
  });

  it('keeps what is flushed, also when it is discarded', async () => {
    const sink = await test.open();
    sink.add(await test.file('state', 'x'));
    await sink.flush(never);
    await sink.discard();
    assert.deepEqual([(await test.left()).length, test.aborted], [1, false]);
  });

  it('says which packs of other images it uses: the store holds them', async () => {
    const parent = new TestDump();
    try {
      const sink = await parent.open();
      sink.add(await parent.file('state', 'one'));
      await sink.flush(never);
      const { packs, table, hash } = await parent.packed();
      const [pack] = packs;
      assert.ok(pack);
      const { name, size, index } = pack;
      const places = Uint32Array.of(0);
      test.known = { packs: [{ name, size, index, image: 'ck-parent' }], tables: [{ hash, table, places }] };
      const packed = await dumpPages('one');
      assert.equal(packed.parts.length, 2);
      assert.deepEqual(
        packed.packs.filter(({ own }) => !own),
        [{ name, size, index, own: false, image: 'ck-parent' }],
      );
      assert.ok(!(await test.left()).includes(name));
      assert.ok(packed.bytes.fresh < packed.bytes.data);
    } finally {
      parent.remove();
    }
  });
});
