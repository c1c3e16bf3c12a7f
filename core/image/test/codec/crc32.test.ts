// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { crc32 as plainCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from '../../src/codec/crc32.js';
import { nativeCrc32 } from '../../src/codec/native-work.js';
import { mixedBytes, randomBytes, runs } from '../some-data.js';

describe('image: checksums', function () {
  this.timeout(60_000);

  it('are those of zip', () => {
    // The value that every CRC-32 is tested with.
    assert.equal(crc32(Buffer.from('123456789')), 0xcbf4_3926);
    assert.equal(crc32(new Uint8Array(0)), 0);
  });

  it('are the same with the addon and without: any length, place in memory and start', function () {
    const native = nativeCrc32;
    if (native === undefined) this.skip('the addon is not built, turned off, or has none for this processor');
    const data = randomBytes(700, 3);
    for (let length = 0; length <= 300; length++) {
      for (const shift of [0, 1, 7, 16, 33]) {
        const piece = data.subarray(shift, shift + length);
        assert.equal(native(piece, 0), plainCrc32(piece), `${length} bytes from ${shift} on`);
        assert.equal(native(piece, 0xdead_beef), plainCrc32(piece, 0xdead_beef), `${length} bytes from ${shift} on`);
      }
    }
    const lengths = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(mixedBytes(lengths), fc.nat(), fc.integer({ min: 0, max: 0xffff_ffff }), (bytes, cut, before) => {
        assert.equal(native(bytes, before), plainCrc32(bytes, before));
        const at = cut % (bytes.length + 1);
        assert.equal(native(bytes.subarray(at), native(bytes.subarray(0, at), before)), plainCrc32(bytes, before));
      }),
      runs(100),
    );
  });
});
