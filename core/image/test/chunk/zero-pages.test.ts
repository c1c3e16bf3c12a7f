// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PAGE_BYTES } from '@grit/plugin-api';
import { packData, zeroMask } from '../../src/chunk/zero-pages.js';
import { dataBytes } from '../../src/format/data-bytes.js';
import { runs } from '../some-data.js';

// One byte of a page that is not zero, anywhere in it, or none.
const pages = fc.array(fc.option(fc.nat(PAGE_BYTES - 1), { nil: undefined }), { minLength: 0, maxLength: 32 });

describe('zero pages', function () {
  this.timeout(60_000);

  it('are found and left out, whatever else there is', () => {
    fc.assert(
      fc.property(pages, fc.nat(PAGE_BYTES - 1), fc.nat(7), (marks, short, offset) => {
        const length = Math.max(0, marks.length * PAGE_BYTES - short);
        const bytes = Buffer.alloc(offset + length).subarray(offset);
        const kept: Buffer[] = [];
        let expected = 0;
        for (const [page, mark] of marks.entries()) {
          const piece = bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
          if (mark !== undefined && mark < piece.length) {
            piece[mark] = 1 + (mark % 255);
            kept.push(piece);
          } else expected += 2 ** page;
        }
        const mask = zeroMask(bytes);
        assert.equal(mask, expected);
        const target = Buffer.alloc(length + 8, 0x5a);
        const size = packData(bytes, mask, target);
        assert.equal(size, dataBytes(length, mask));
        assert.ok(target.subarray(0, size).equals(Buffer.concat(kept)));
        assert.ok(target.subarray(size).every((byte) => byte === 0x5a));
      }),
      runs(200),
    );
  });
});
