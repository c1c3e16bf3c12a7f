// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isGritError, type ErrorCode } from '@grit/plugin-api';
import type { HashName } from '../../src/format/image-manifest.js';
import { FOOTER_BYTES, packTail, parseFooter, parseIndex } from '../../src/format/pack-footer.js';
import { ENTRY_BYTES, readEntry, writeEntry, type PackEntry } from '../../src/format/pack-index.js';
import { SEED } from './seeded.js';

const NAME = 'pk-0123456789abcdefghjkmnpqrs';

const entryLists: fc.Arbitrary<readonly PackEntry[]> = fc
  .array(fc.record({ seed: fc.nat(255), data: fc.integer({ min: 1, max: 128 * 1024 }), part: fc.nat(100) }), {
    minLength: 1,
    maxLength: 200,
  })
  .map((list) => {
    let offset = 0;
    return list.map(({ seed, data, part }) => {
      const codec = part === 100 ? 0 : 1 + (seed % 2);
      const stored = codec === 0 ? data : Math.max(1, Math.floor((data * part) / 100));
      const entry = {
        hash: Buffer.alloc(32, seed),
        offset,
        stored,
        data,
        codec,
        check: codec === 0 ? 0 : seed * 0x1_0101,
      };
      offset += stored;
      return entry;
    });
  });

function tailOf(hash: HashName, entries: readonly PackEntry[]): { end: number; tail: Buffer; digest: string } {
  const bytes = Buffer.alloc(entries.length * ENTRY_BYTES);
  for (const [index, entry] of entries.entries()) writeEntry(bytes, index, entry);
  const last = entries.at(-1)!;
  const end = last.offset + last.stored;
  const { bytes: tail, digest } = packTail(hash, end, bytes);
  return { end, tail, digest };
}

/** Reads what follows the chunks of a pack of that size, as a reader does. */
function read(size: number, tail: Buffer): { entries: Buffer; end: number; digest: string } {
  const footer = parseFooter(NAME, size, tail.subarray(-FOOTER_BYTES));
  const index = tail.subarray(tail.length - (size - footer.indexOffset));
  return { ...parseIndex(NAME, size, footer, index), digest: footer.digest };
}

function codeOf(call: () => unknown): ErrorCode | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    assert.ok(isGritError(error), String(error));
    assert.equal(error.details?.pack, NAME);
    assert.match(error.message, new RegExp(NAME));
    return error.code;
  }
}

describe('image: index of a pack', () => {
  it('comes back as it was written, at places that can be written with O_DIRECT', () => {
    fc.assert(
      fc.property(entryLists, fc.constantFrom<HashName>('blake3', 'sha256'), (list, hash) => {
        const { end, tail, digest } = tailOf(hash, list);
        assert.equal((end + tail.length) % 4096, 0);
        const found = read(end + tail.length, tail);
        assert.equal(found.digest, digest);
        assert.equal(found.end, end);
        const entries = list.map((_, index) => readEntry(found.entries, index));
        assert.deepEqual(
          entries.map((entry) => ({ ...entry, hash: Buffer.from(entry.hash) })),
          list,
        );
      }),
      { numRuns: 100, seed: SEED },
    );
  });

  it('is refused when any byte of it is another', () => {
    const list = [0, 1, 2].map((index) => {
      return { hash: Buffer.alloc(32, index), offset: index * 4000, stored: 4000, data: 4096, codec: 1, check: index };
    });
    const { end, tail, digest } = tailOf('blake3', list);
    const size = end + tail.length;
    const padding = 3 * 4096 - end;
    for (let at = padding; at < tail.length; at++) {
      for (const bit of [1, 16, 128]) {
        const wrong = Buffer.from(tail);
        wrong.writeUInt8(wrong.readUInt8(at) ^ bit, at);
        const code = codeOf(() => {
          // The digest in the manifest is the anchor of it all.
          assert.equal(read(size, wrong).digest, digest);
        });
        assert.equal(code, 'GRIT_IMAGE_PART_CORRUPT', `byte ${at}`);
      }
    }
  });

  it('says when a pack was cut', () => {
    const { end, tail } = tailOf('sha256', [
      { hash: Buffer.alloc(32), offset: 0, stored: 9000, data: 9000, codec: 0, check: 0 },
    ]);
    const size = end + tail.length;
    const footer = tail.subarray(-FOOTER_BYTES);
    assert.equal(
      codeOf(() => parseFooter(NAME, size - 1, footer)),
      'GRIT_IMAGE_PART_TRUNCATED',
    );
    assert.equal(
      codeOf(() => parseFooter(NAME, 4096, footer)),
      'GRIT_IMAGE_PART_TRUNCATED',
    );
    assert.equal(
      codeOf(() => parseFooter(NAME, size, footer.subarray(1))),
      'GRIT_IMAGE_PART_TRUNCATED',
    );
    assert.equal(
      codeOf(() => parseFooter(NAME, size + 4096, footer)),
      'GRIT_IMAGE_PART_CORRUPT',
    );
    const parsed = parseFooter(NAME, size, footer);
    assert.equal(
      codeOf(() => parseIndex(NAME, size, parsed, tail.subarray(-5000, -1))),
      'GRIT_IMAGE_PART_TRUNCATED',
    );
  });

  it('believes no size that would take much memory', () => {
    const { tail } = tailOf('blake3', [{ hash: Buffer.alloc(32), offset: 0, stored: 1, data: 1, codec: 0, check: 0 }]);
    const footer = Buffer.from(tail.subarray(-FOOTER_BYTES));
    footer.writeUInt32LE(0xffff_ffff, 12);
    const size = Math.ceil((4096 + 0xffff_ffff * ENTRY_BYTES + FOOTER_BYTES) / 4096) * 4096;
    assert.equal(
      codeOf(() => parseFooter(NAME, size, footer)),
      'GRIT_IMAGE_PART_CORRUPT',
    );
    footer.writeUInt32LE(2 * 1024 * 1024, 12);
    const large = Math.ceil((4096 + 2 * 1024 * 1024 * ENTRY_BYTES + FOOTER_BYTES) / 4096) * 4096;
    assert.equal(
      codeOf(() => parseFooter(NAME, large, footer)),
      'GRIT_IMAGE_PART_CORRUPT',
    );
  });
});
