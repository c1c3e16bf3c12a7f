// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CODEC } from '../../src/codec/codec-ids.js';
import { Decoder } from '../../src/codec/decoder.js';
import { Encoder, type Effort } from '../../src/codec/encoder.js';
import { CHUNK_BYTES } from '../../src/format/chunk-row.js';
import { bytesOf, mixedBytes, runs, type Kind } from '../some-data.js';

const efforts = fc.constantFrom<Effort>('none', 'cheap', 'full');
const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: CHUNK_BYTES }));

for (const native of [true, false]) {
  describe(`the codec of chunks ${native ? 'as it is here' : 'without the addon'}`, function () {
    this.timeout(120_000);
    const encoder = new Encoder({ native });
    const decoder = new Decoder({ native });

    function encode(data: Uint8Array, effort: Effort): { codec: number; stored: Buffer } {
      const target = Buffer.alloc(data.length);
      const { codec, stored } = encoder.encode(data, target, effort);
      return { codec, stored: target.subarray(0, stored) };
    }

    it('gives back what was put in, and never needs more room', () => {
      fc.assert(
        fc.property(mixedBytes(lengths), efforts, (data, effort) => {
          const { codec, stored } = encode(data, effort);
          assert.ok(codec === CODEC.raw ? stored.length === data.length : stored.length < data.length);
          const back = Buffer.alloc(data.length, 0xaa);
          decoder.decode(codec, stored, back);
          assert.ok(back.equals(data));
        }),
        runs(150),
      );
    });

    const chosen: [Kind, Effort, number, number][] = [
      ['random', 'full', CODEC.raw, 1],
      ['fp32', 'full', CODEC.planes, 0.9],
      ['bf16', 'full', CODEC.planes, 0.85],
      ['text', 'full', CODEC.zstd, 0.4],
      ['pointers', 'full', CODEC.zstd, 0.5],
      ['sparse', 'full', CODEC.zstd, 0.1],
      ['zero', 'full', CODEC.zstd, 0.001],
      ['fp32', 'cheap', CODEC.raw, 1],
      ['pointers', 'cheap', CODEC.zstd, 0.5],
      ['text', 'none', CODEC.raw, 1],
    ];
    for (const [kind, effort, codec, share] of chosen) {
      it(`stores ${kind} with effort ${effort} as it pays`, () => {
        const data = bytesOf(kind, CHUNK_BYTES, 7);
        const result = encode(data, effort);
        assert.equal(result.codec, codec);
        assert.ok(result.stored.length <= data.length * share, `${result.stored.length / data.length}`);
      });
    }

    it('refuses or decodes damaged bytes, and never writes outside the target', () => {
      const guarded = Buffer.alloc(CHUNK_BYTES + 128);
      const damage = fc.tuple(
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('flip', 'cut', 'grow', 'codec'),
      );
      fc.assert(
        fc.property(mixedBytes(lengths), fc.array(damage, { minLength: 1, maxLength: 4 }), (data, damages) => {
          const made = encode(data, 'full');
          let { codec } = made;
          let stored = Buffer.from(made.stored);
          for (const [where, how, what] of damages) {
            // The headers matter most: half of the flips hit the first bytes.
            const at = where % (where % 2 === 0 ? Math.min(stored.length, 24) : stored.length);
            if (what === 'flip') stored[at]! ^= how;
            else if (what === 'cut')
              stored = stored.subarray(0, Math.max(1, stored.length - 1 - (where % stored.length)));
            else if (what === 'grow') stored = Buffer.concat([stored, Buffer.alloc(how, how)]);
            else codec = where % 5;
          }
          guarded.fill(0x5a);
          try {
            decoder.decode(codec, stored, guarded.subarray(64, 64 + data.length));
          } catch (error) {
            assert.ok(error instanceof Error);
          }
          assert.ok(guarded.subarray(0, 64).every((byte) => byte === 0x5a));
          assert.ok(guarded.subarray(64 + data.length, 128 + data.length).every((byte) => byte === 0x5a));
        }),
        runs(300),
      );
    });
  });
}
