// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openImage } from '@grit/image';
import { PvcStorage } from '@grit/storage-pvc';
import { floatsOf, memoryOf, randomBytesOf, writeParts } from './corpus.js';
import { putInChild } from './put-job.js';
import { factsOf, isIdentical, signal } from './stored-image.js';

const MIB = 1024 * 1024;
const PACKAGE = dirname(createRequire(import.meta.url).resolve('@grit/image/package.json'));
const ADDON = join(PACKAGE, 'dist', 'native', `data-plane-${process.platform}-${process.arch}.node`);

/** Where two threads race for a chunk its place is chance, and so it is which of two parts is first; one thread does one part always alike. */
const options = { compression: 'always', limits: { threads: 1, packBytes: MIB } } as const;

describe('image: with and without the addon', function () {
  this.timeout(120_000);
  let home = '';
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'grit-both-paths-'))));
  afterEach(() => rm(home, { recursive: true }));

  it('the same is stored, to the byte', async function () {
    if (!existsSync(ADDON)) this.skip('the addon was not built: there is no C compiler');
    const contents = [
      memoryOf('both', 2 * MIB),
      floatsOf('both', MIB),
      Buffer.alloc(MIB, 'what a file has to say '),
      randomBytesOf('end', 5000),
    ];
    const parts = await writeParts(join(home, 'source'), { 'criu/pages-1.img': Buffer.concat(contents) });
    const stored: Stored[] = [];
    for (const native of ['0', '1']) {
      const store = join(home, `store-${native}`);
      const job = { store, parts, facts: factsOf('c-1'), known: [], options };
      assert.equal(await putInChild(job, { GRIT_NATIVE: native }), 'stored');
      await isIdentical(new PvcStorage({ path: store }), 'c-1', parts, join(home, 'copy'));
      stored.push(await storedOf(store));
    }
    const [plain, native] = stored;
    assert.ok(plain && native);
    assert.ok(plain.packs.length > 1);
    assert.equal(native.manifest, plain.manifest);
    assert.ok(native.table.equals(plain.table), 'the tables differ');
    for (const [at, pack] of plain.packs.entries()) assert.ok(native.packs[at]?.equals(pack), `pack ${at} differs`);
  });
});

/** What a store has, without the names of packs, which are chance. */
interface Stored {
  readonly manifest: string;
  readonly table: Buffer;
  readonly packs: readonly Buffer[];
}

async function storedOf(store: string): Promise<Stored> {
  const { manifest } = await openImage(new PvcStorage({ path: store }), 'c-1', signal);
  const objects = join(store, 'images', 'c-1', 'parts');
  const packs = await Promise.all(manifest.packs.map(({ name }) => readFile(join(objects, 'packs', name))));
  const named = { ...manifest, packs: manifest.packs.map(({ size, index }) => ({ size, index })) };
  return { manifest: JSON.stringify(named), table: await readFile(join(objects, 'rows')), packs };
}
