// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { CODEC } from '../../src/codec/codec-ids.js';
import { storedCheck } from '../../src/codec/stored-check.js';
import { CHUNK_BYTES } from '../../src/format/chunk-row.js';
import { randomBytes } from '../some-data.js';

/** What one byte does to a CRC-32: the polynomial of zlib, bit by bit. */
function crcOfByte(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb8_8320;
  return crc >>> 0;
}

describe('image: the check of stored bytes', function () {
  this.timeout(60_000);
  const table = Uint32Array.from({ length: 256 }, (_, byte) => crcOfByte(byte));

  it('is the low 24 bits of a CRC-32, and nothing for raw bytes', () => {
    // The value that every CRC-32 is tested with: cbf43926.
    assert.equal(storedCheck(CODEC.zstd, Buffer.from('123456789')), 0xf4_3926);
    assert.equal(storedCheck(CODEC.planes, Buffer.from('123456789')), 0xf4_3926);
    assert.equal(storedCheck(CODEC.raw, Buffer.from('123456789')), 0);
  });

  it('is another one for each other value of any byte of the largest chunk', () => {
    const bytes = randomBytes(CHUNK_BYTES, 1);
    const check = storedCheck(CODEC.zstd, bytes);
    // A CRC is linear: what a change does depends on nothing but the change and how many bytes come after it.
    const effects = Uint32Array.from(table);
    for (let after = 0; after < CHUNK_BYTES; after++) {
      for (let change = 1; change < 256; change++) {
        const effect = effects[change]!;
        if ((effect & 0xff_ffff) === 0) assert.fail(`change ${change} before ${after} bytes is not seen`);
        effects[change] = table[effect & 0xff]! ^ (effect >>> 8);
      }
      if (after % 9973 !== 0) continue;
      const before = effects[5]!;
      const at = CHUNK_BYTES - 2 - after;
      bytes[at]! ^= 5;
      assert.equal(storedCheck(CODEC.zstd, bytes), check ^ (before & 0xff_ffff));
      bytes[at]! ^= 5;
    }
  });
});
