// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isGritError } from '@grit/plugin-api';
import type { ImageReader } from '../src/store/image-reader.js';
import { openImage } from '../src/store/open-image.js';
import { storeImage } from '../src/store/store-image.js';
import { verifyImage } from '../src/store/verify-image.js';
import { FACTS, NEVER, drain, failure } from './facts.js';
import { StoredFiles, type StoredFilesOptions } from './stored-files.js';

const SIZE = 3 * 1024 * 1024 + 4321;
const BYTES = randomBytes(SIZE);

describe('image: verified reading', () => {
  let home = '';
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'grit-image-read-'))));
  afterEach(() => rm(home, { recursive: true }));

  const stored = async (options: StoredFilesOptions = {}): Promise<[StoredFiles, ImageReader]> => {
    const files = new StoredFiles(join(home, 'store'), options);
    await writeFile(join(home, 'source'), BYTES);
    await storeImage(files, [{ name: 'p/a', kind: 'memory', path: join(home, 'source') }], FACTS, { signal: NEVER });
    return [files, await openImage(files, 'c-1', NEVER)];
  };

  it('gives any range, however the store cuts its stream', async () => {
    for (const chunk of [1000, 65_536, 1024 * 1024, 5_000_000]) {
      const [, reader] = await stored({ chunk });
      const ranges = fc.tuple(fc.nat(SIZE), fc.nat(SIZE)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
      await fc.assert(
        fc.asyncProperty(ranges, async ([start, end]) => {
          const found = await drain(reader.read('p/a', { start, end }, NEVER));
          assert.ok(found.equals(BYTES.subarray(start, end)), `${start}-${end} in chunks of ${chunk}`);
        }),
        { numRuns: 12, examples: [[[0, SIZE]], [[SIZE, SIZE]], [[1024 * 1024, 2 * 1024 * 1024]]] },
      );
    }
  });

  it('never hands out a byte that was not verified', async () => {
    const [files, reader] = await stored();
    const ranges = fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1), fc.nat(SIZE - 1));
    await fc.assert(
      fc.asyncProperty(ranges, async ([one, two, wrong]) => {
        const [start, end] = [Math.min(one, two), Math.max(one, two) + 1];
        await flip(files.path('p/a'), wrong);
        let at = start;
        try {
          for await (const chunk of reader.read('p/a', { start, end }, NEVER)) {
            assert.ok(BYTES.subarray(at, at + chunk.length).equals(chunk), 'a damaged byte came out');
            at += chunk.length;
          }
          assert.ok(wrong < start - (start % 1048576) || wrong >= Math.ceil(end / 1048576) * 1048576);
        } catch (error) {
          assert.ok(isGritError(error) && error.code === 'GRIT_IMAGE_PART_CORRUPT', String(error));
          assert.equal(error.details?.part, 'p/a');
        } finally {
          await flip(files.path('p/a'), wrong);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('refuses ranges that the part does not have, and parts that the image does not have', async () => {
    const [, reader] = await stored();
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

  for (const local of [true, false]) {
    it(`verify tells damage of every kind, ${local ? 'by the local file' : 'through the store'}`, async () => {
      const [files, reader] = await stored({ local });
      const verify = (): Promise<void> => verifyImage(reader, { signal: NEVER });
      await verify();
      await flip(files.path('p/a'), SIZE - 1);
      assert.equal((await failure(verify(), 'GRIT_IMAGE_PART_CORRUPT')).details?.offset, 3 * 1024 * 1024);
      await flip(files.path('p/a'), SIZE - 1);
      await appendFile(files.path('p/a'), 'x');
      await failure(verify(), 'GRIT_IMAGE_PART_TRUNCATED');
      await truncate(files.path('p/a'), 1024 * 1024);
      assert.equal((await failure(verify(), 'GRIT_IMAGE_PART_TRUNCATED')).details?.part, 'p/a');
    });
  }

  it('an image under another id is refused', async () => {
    const [files] = await stored();
    await failure(openImage(files, 'c-2', NEVER), 'GRIT_IMAGE_MANIFEST_INVALID');
  });

  it('an abort ends a read that hangs', async () => {
    const [files, reader] = await stored();
    const cancelled = new AbortController();
    files.read = async function* () {
      yield BYTES.subarray(0, 10);
      cancelled.abort();
      await new Promise(() => undefined);
    };
    await failure(drain(reader.read('p/a', { start: 0, end: SIZE }, cancelled.signal)), 'GRIT_ABORTED');
  });
});

async function flip(path: string, offset: number): Promise<void> {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  await file.write(Buffer.from([byte[0]! ^ 0x10]), 0, 1, offset);
}
