// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PAGE_BYTES } from '@grit/plugin-api';
import { cutByContent } from '../../src/chunk/cut-by-content.js';
import { zeroMask } from '../../src/chunk/zero-pages.js';
import { CHUNK_BYTES } from '../../src/format/chunk-row.js';
import { mixedBytes, randomBytes, runs } from '../some-data.js';

/** Cuts as a reader of windows does it. Returns where the chunks end. */
function endsOf(file: Buffer, windowBytes: number): number[] {
  const ends: number[] = [];
  let begin = 0;
  let window = Buffer.alloc(0);
  for (let read = 0; read < file.length; read += windowBytes) {
    window = Buffer.concat([window, file.subarray(read, read + windowBytes)]);
    let at = 0;
    for (;;) {
      const length = cutByContent(window, at, read + windowBytes >= file.length);
      if (length === 0) break;
      at += length;
      ends.push(begin + at);
    }
    begin += at;
    window = window.subarray(at);
    assert.ok(window.length < CHUNK_BYTES, 'more than a chunk is carried');
  }
  return ends;
}

/** The data of the chunks that have any. */
function chunksOf(file: Buffer): string[] {
  const ends = endsOf(file, file.length || 1);
  return ends
    .map((end, index) => file.subarray(ends[index - 1] ?? 0, end))
    .filter((chunk) => chunk.some((byte) => byte !== 0))
    .map((chunk) => chunk.toString('latin1').replace(/\0+$/, ''));
}

describe('cutting by content', function () {
  this.timeout(120_000);
  const files = mixedBytes(fc.integer({ min: 1, max: 8 * CHUNK_BYTES }));

  it('covers a file with chunks of the right sizes', () => {
    fc.assert(
      fc.property(files, (file) => {
        const ends = endsOf(file, file.length);
        assert.equal(ends.at(-1), file.length);
        for (const [index, end] of ends.entries()) {
          const chunk = file.subarray(ends[index - 1] ?? 0, end);
          assert.ok(chunk.length <= CHUNK_BYTES);
          if (end === file.length) continue;
          assert.equal(chunk.length % PAGE_BYTES, 0);
          const allZero = zeroMask(chunk) === 2 ** (chunk.length / PAGE_BYTES) - 1;
          assert.ok(chunk.length >= 4 * PAGE_BYTES || allZero);
        }
      }),
      runs(25),
    );
  });

  it('does not depend on how the file is read', () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 600_000 }), (file, windowBytes) => {
        assert.deepEqual(endsOf(file, Math.max(windowBytes, file.length >> 6)), endsOf(file, file.length));
      }),
      runs(25),
    );
  });

  it('changes few chunks when pages are inserted', () => {
    const edits = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 }), fc.nat());
    fc.assert(
      fc.property(fc.nat(), edits, (seed, [where, pages, other]) => {
        const file = randomBytes(2 * 1024 * 1024, seed);
        const at = (where % (file.length / PAGE_BYTES)) * PAGE_BYTES;
        const inserted = randomBytes(pages * PAGE_BYTES, other + 2 ** 31);
        const known = new Set(chunksOf(file));
        const fresh = chunksOf(Buffer.concat([file.subarray(0, at), inserted, file.subarray(at)])).filter(
          (chunk) => !known.has(chunk),
        );
        const bytes = fresh.reduce((sum, chunk) => sum + chunk.length, 0);
        assert.ok(bytes <= inserted.length + 8 * CHUNK_BYTES, `${bytes} new bytes for ${inserted.length} inserted`);
      }),
      runs(10),
    );
  });

  it('finds the same chunks on both sides of a hole of any size', () => {
    const before = randomBytes(40 * PAGE_BYTES, 1);
    const after = randomBytes(200 * PAGE_BYTES, 2);
    const withHole = (pages: number) => chunksOf(Buffer.concat([before, Buffer.alloc(pages * PAGE_BYTES), after]));
    const expected = withHole(100);
    for (let pages = 4; pages < 75; pages += 3) assert.deepEqual(withHole(pages), expected, `${pages} pages`);
  });

  it('makes chunks of about 70 KiB', () => {
    const file = randomBytes(16 * 1024 * 1024, 3);
    const average = file.length / endsOf(file, file.length).length;
    assert.ok(average > 60_000 && average < 100_000, `${average}`);
  });
});
