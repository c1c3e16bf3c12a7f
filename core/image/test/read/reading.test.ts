// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isGritError } from '@grit/plugin-api';
import { openImage } from '../../src/read/open-image.js';
import { FACTS, NEVER, drain, failure } from '../facts.js';
import { bytesOf, randomBytes, runs } from '../some-data.js';
import { contents, storedImage } from './some-image.js';

const BYTES = Buffer.concat([
  randomBytes(1_000_000, 1),
  Buffer.alloc(1_500_000),
  bytesOf('pointers', 500_000, 2),
  randomBytes(4321, 3),
]);
const SIZE = BYTES.length;

describe('image: verified reading', function () {
  this.timeout(60_000);
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-read-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  it('gives any range of any image, however the store cuts its stream', async () => {
    let count = 0;
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const ranges = fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(contents, ranges, fc.integer({ min: 500, max: 300_000 }), async (parts, shares, piece) => {
        const [store, reader] = await storedImage(join(home, String(count++)), parts);
        store.piece = piece;
        for (const [name, bytes] of Object.entries(parts)) {
          for (const [one, other] of [...shares, [0, 1] as const]) {
            const [start, end] = [Math.min(one, other), Math.max(one, other)].map((at) =>
              Math.floor(at * bytes.length),
            );
            const found = await drain(reader.read(name, { start: start ?? 0, end: end ?? 0 }, NEVER));
            assert.ok(found.equals(bytes.subarray(start, end)), `${name} ${start}-${end}`);
          }
        }
      }),
      runs(8),
    );
  });

  it('never hands out a byte that was not verified', async () => {
    const [store, reader] = await storedImage(home, { 'p/a': BYTES });
    const [name = ''] = store.packs();
    const pack = store.object(name);
    const ranges = fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1), fc.nat(pack.length - 1));
    await fc.assert(
      fc.asyncProperty(ranges, async ([one, two, wrong]) => {
        const [start, end] = [Math.min(one, two), Math.max(one, two) + 1];
        pack[wrong]! ^= 0x10;
        let at = start;
        try {
          for await (const chunk of reader.read('p/a', { start, end }, NEVER)) {
            assert.ok(BYTES.subarray(at, at + chunk.length).equals(chunk), 'a damaged byte came out');
            at += chunk.length;
          }
          assert.equal(at, end);
        } catch (error) {
          assert.ok(isGritError(error) && error.code === 'GRIT_IMAGE_PART_CORRUPT', String(error));
          assert.equal(error.details?.part, 'p/a');
        } finally {
          pack[wrong]! ^= 0x10;
        }
      }),
      runs(25),
    );
  });

  it('refuses ranges that the part does not have, and parts that the image does not have', async () => {
    const [, reader] = await storedImage(home, { 'p/a': BYTES });
    for (const [start, end] of [
      [-1, 1],
      [2, 1],
      [0, SIZE + 1],
      [0.5, 1],
      [0, Number.NaN],
    ] as const) {
      await failure(drain(reader.read('p/a', { start, end }, NEVER)), 'GRIT_REQUEST_INVALID');
    }
    const error = await failure(drain(reader.read('p/b', { start: 0, end: 0 }, NEVER)), 'GRIT_IMAGE_PART_MISSING');
    assert.equal(error.details?.part, 'p/b');
  });

  it('an image under another id is refused, and so is one without a manifest', async () => {
    const [store] = await storedImage(home, { a: randomBytes(10, 1) });
    const error = await failure(openImage(store, 'c-2', NEVER), 'GRIT_IMAGE_MANIFEST_INVALID');
    assert.deepEqual(error.details, { checkpoint: 'c-2', part: 'manifest.json' });
    store.committed = undefined;
    await failure(openImage(store, FACTS.checkpoint, NEVER), 'GRIT_IMAGE_MANIFEST_MISSING');
  });

  it('an abort ends a read that hangs', async () => {
    const [store, reader] = await storedImage(home, { 'p/a': BYTES });
    await reader.table(NEVER);
    const cancelled = new AbortController();
    store.read = async function* () {
      yield BYTES.subarray(0, 10);
      cancelled.abort();
      await new Promise(() => undefined);
    };
    await failure(drain(reader.read('p/a', { start: 0, end: SIZE }, cancelled.signal)), 'GRIT_ABORTED');
  });
});
