// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findWritten, openImage, storeImage } from '@grit/image';
import type { PartSource } from '@grit/plugin-api';
import { PvcStorage } from '@grit/storage-pvc';
import { SEED, memoryOf, randomBytesOf, randomOf, writeParts } from './corpus.js';
import { putInChild, type KillPoint } from './put-job.js';
import { committedPacks, factsOf, isIdentical, signal, stagedPacks, storedBytes, verifyStore } from './stored-image.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const KILLS = Number(process.env.GRIT_KILLS ?? 12);
const SIZE = 3 * MIB;
const options = { limits: { packBytes: 128 * KIB, rangeBytes: MIB } } as const;

/** Every kind of place where a put can be; what is left of the kills falls somewhere into the packing. */
const POINTS: readonly KillPoint[] = [
  { call: 'begin' },
  { stagedBytes: 1 },
  { call: 'put:1:before' },
  { call: 'put:1:after' },
  { call: 'putFile:1:before' },
  { call: 'putFile:3:after' },
  { call: 'commit:1:before' },
  { call: 'commit:1:after' },
];

describe('image: kill -9 of a put', function () {
  this.timeout(300_000);
  let home = '';
  let store = '';
  let storage: PvcStorage;
  let parts: readonly PartSource[];
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-put-'));
    store = join(home, 'store');
    storage = new PvcStorage({ path: store });
    parts = await writeParts(join(home, 'source'), {
      'criu/pages-1.img': memoryOf('pages-1', SIZE),
      'criu/pages-2.img': memoryOf('pages-2', SIZE / 4),
      'criu/core-1.img': randomBytesOf('core', 5000),
      'log/empty': Buffer.alloc(0),
    });
    // Its chunks are part of every image that is killed, and it must stay whole whatever happens to those.
    const base = await writeParts(join(home, 'base'), { 'criu/pages-1.img': memoryOf('pages-2', SIZE / 4) });
    await storeImage(await storage.begin('base', signal), base, factsOf('base'), { ...options, signal });
  });
  after(() => rm(home, { recursive: true }));

  for (let at = 0; at < KILLS; at++) {
    const point = POINTS[at] ?? { stagedBytes: Math.floor(randomOf(`kill-${at}`) * 0.6 * SIZE) };
    it(`${at + 1}. at ${JSON.stringify(point)}: what is missing is sent, and nothing else (seed ${SEED})`, async () => {
      const id = `c-${at}`;
      const facts = factsOf(id);
      const ended = await putInChild({ store, parts, facts, known: ['base'], options, kill: point });
      if ('call' in point) assert.equal(ended, 'killed');

      const committed = (await verifyStore(storage)).includes(id);
      const left = await stagedPacks(store, id);
      if (ended === 'stored' || ('call' in point && point.call === 'commit:1:after')) assert.ok(committed);
      if (committed) {
        assert.ok(await findWritten(storage, facts, signal));
      } else {
        assert.equal(await findWritten(storage, facts, signal), undefined);
        const known = [await openImage(storage, 'base', signal)];
        await storeImage(await storage.begin(id, signal), parts, facts, { ...options, known, signal });
      }

      await isIdentical(storage, id, parts, join(home, 'copy'));
      if (!committed) await sentOnlyWhatWasMissing(id, left);
      assert.deepEqual(await readdir(join(store, 'writing')), []);
      await storage.delete(id, signal);
      // What the dead one was about to remove.
      await storage.check(signal);
      assert.deepEqual(await readdir(join(store, 'trash')), []);
    });
  }

  /** The packs that were finished are in the image, untouched; the others have only chunks that it uses. */
  async function sentOnlyWhatWasMissing(id: string, left: Awaited<ReturnType<typeof stagedPacks>>): Promise<void> {
    const packs = await committedPacks(store, id);
    const base = await committedPacks(store, 'base');
    for (const [name, { inode }] of [...left, ...base])
      assert.equal(packs.get(name)?.inode, inode, `pack ${name} was sent again`);
    const bytes = await storedBytes(await openImage(storage, id, signal));
    for (const [name, { size }] of packs) {
      if (left.has(name) || base.has(name)) continue;
      const used = bytes.get(name) ?? 0;
      assert.ok(used > 0 && size - used < 32 * KIB, `pack ${name} of ${size} bytes has ${used} that are used`);
    }
  }
});
