// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PLANES_HEADER_BYTES, type WordBytes } from '../../src/codec/byte-planes.js';
import type { ByteWork, ZstdSettings } from '../../src/codec/byte-work.js';
import { CODEC } from '../../src/codec/codec-ids.js';
import { Decoder } from '../../src/codec/decoder.js';
import { Encoder, type Effort } from '../../src/codec/encoder.js';
import { nativeWork } from '../../src/codec/native-work.js';
import { plainWork } from '../../src/codec/plain-work.js';
import { CHUNK_BYTES } from '../../src/format/chunk-row.js';
import { bytesOf, mixedBytes, runs } from '../some-data.js';

const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: CHUNK_BYTES }));
const words = fc.constantFrom<WordBytes>(2, 4);
const settings = fc.record<ZstdSettings>({
  level: fc.constantFrom(1, 2, 3),
  hashLog: fc.constantFrom(0, 6),
  minMatch: fc.constantFrom(0, 7),
});

/** A copy that begins `shift` bytes after a multiple of 8 in memory. */
function shifted(bytes: Uint8Array, shift: number): Uint8Array {
  const room = new Uint8Array(bytes.length + shift);
  room.set(bytes, shift);
  return room.subarray(shift);
}

describe('the work of the codec', function () {
  this.timeout(120_000);

  for (const [name, work] of [
    ['plain', plainWork],
    ['native', nativeWork],
  ] as const) {
    describe(name, () => {
      before(function () {
        if (work === undefined) this.skip('the addon is not built, or turned off');
      });
      const done = (): ByteWork => work ?? plainWork;

      it('takes words apart as documented, and puts them together again', () => {
        fc.assert(
          fc.property(mixedBytes(lengths), words, fc.nat(7), fc.nat(7), (data, word, shift, other) => {
            const count = Math.floor(data.length / word);
            const top = shifted(new Uint8Array(count), other);
            const rest = shifted(new Uint8Array(data.length - count), shift ^ other);
            done().split(shifted(data, shift), word, top, rest);
            const inWords = data.subarray(0, count * word);
            assert.deepEqual(
              Buffer.from(top),
              inWords.filter((_, at) => at % word === word - 1),
            );
            const others = inWords.filter((_, at) => at % word !== word - 1);
            assert.ok(Buffer.concat([others, data.subarray(count * word)]).equals(rest));
            const back = shifted(new Uint8Array(data.length), shift);
            done().join(top, rest, word, back);
            assert.ok(data.equals(back));
          }),
          runs(60),
        );
      });

      it('makes frames that fit or none, and unpacks them', () => {
        fc.assert(
          fc.property(mixedBytes(lengths), settings, fc.nat(CHUNK_BYTES), (data, how, room) => {
            const frame = new Uint8Array(data.length + 1024);
            const size = done().compress(data, how, frame);
            assert.ok(size > 0);
            const target = new Uint8Array(room);
            assert.equal(done().compress(data, how, target), size <= room ? size : 0);
            const back = new Uint8Array(data.length);
            done().decompress(frame.subarray(0, size), back);
            assert.ok(data.equals(back));
            assert.throws(() => done().decompress(frame.subarray(0, size), new Uint8Array(data.length + 1)));
            assert.throws(() => done().decompress(frame.subarray(0, size), new Uint8Array(data.length - 1)));
            assert.throws(() => done().decompress(frame.subarray(0, size + 1), back));
            assert.throws(() => done().decompress(frame.subarray(0, size - 1), back));
          }),
          runs(60),
        );
      });

      it('refuses a damaged block inside a frame that looks whole', () => {
        const data = bytesOf('text', 40_000, 5);
        const frame = new Uint8Array(data.length);
        const size = done().compress(data, { level: 1, hashLog: 0, minMatch: 0 }, frame);
        // The header of the frame has 7 bytes, that of the block 3; then comes the block's own table of literals.
        frame.fill(0xff, 12, 40);
        assert.throws(() => done().decompress(frame.subarray(0, size), new Uint8Array(data.length)));
      });
    });
  }

  it('gives the same bytes with the addon and without', function () {
    const native = nativeWork;
    if (native === undefined) this.skip('the addon is not built, or turned off');
    const plain = new Encoder({ native: false });
    const quick = new Encoder();
    const efforts = fc.constantFrom<Effort>('cheap', 'full');
    fc.assert(
      fc.property(mixedBytes(lengths), settings, efforts, (data, how, effort) => {
        const frames = [new Uint8Array(data.length + 1024), new Uint8Array(data.length + 1024)] as const;
        assert.equal(native.compress(data, how, frames[0]), plainWork.compress(data, how, frames[1]));
        assert.deepEqual(frames[0], frames[1]);
        const targets = [Buffer.alloc(data.length), Buffer.alloc(data.length)] as const;
        const one = plain.encode(data, targets[0], effort);
        assert.deepEqual(quick.encode(data, targets[1], effort), one);
        assert.ok(targets[0].subarray(0, one.stored).equals(targets[1].subarray(0, one.stored)));
      }),
      runs(120),
    );
  });

  it('refuses the same frames with the addon and without', function () {
    const native = nativeWork;
    if (native === undefined) this.skip('the addon is not built, or turned off');
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(mixedBytes(lengths), settings, flips, (data, how, places) => {
        const room = new Uint8Array(data.length + 1024);
        const frame = room.subarray(0, plainWork.compress(data, how, room));
        for (const [place, flip] of places) frame[place % Math.min(frame.length, 200)]! ^= flip;
        const [one, other] = [native, plainWork].map((work) => {
          const back = new Uint8Array(data.length);
          try {
            work.decompress(frame, back);
            return back;
          } catch (error) {
            assert.ok(error instanceof Error);
            return 'refused';
          }
        });
        assert.deepEqual(one, other);
      }),
      runs(200),
    );
  });

  it('reads the layout of planes as it is documented', () => {
    const data = bytesOf('fp32', 4003, 9);
    const top = data.filter((_, at) => at < 4000 && at % 4 === 3);
    const rest = data.filter((_, at) => at >= 4000 || at % 4 !== 3);
    const frame = Buffer.alloc(2000);
    const size = plainWork.compress(top, { level: 3, hashLog: 0, minMatch: 0 }, frame);
    const header = Buffer.alloc(PLANES_HEADER_BYTES);
    header.writeUInt32LE(size + 4 * 2 ** 24);
    const back = Buffer.alloc(data.length);
    new Decoder().decode(CODEC.planes, Buffer.concat([header, frame.subarray(0, size), rest]), back);
    assert.ok(back.equals(data));
  });
});
