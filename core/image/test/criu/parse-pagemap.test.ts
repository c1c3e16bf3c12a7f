// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePagemap } from '../../src/criu/parse-pagemap.js';
import { pagemap } from './pagemap.js';

const SEED = Number(process.env.GRIT_SEED ?? 20261128);

describe('parsePagemap', () => {
  it('reads the entries of CRIU 4.2 and of older ones', () => {
    const bytes = pagemap([
      [[1, 7]],
      [
        [1, 0x7f0000000000],
        [2, 0],
        [4, 4],
        [5, 3],
      ],
      [
        [1, 0x7f0000010000],
        [2, 2],
      ],
      [
        [1, 0x7f0000020000],
        [2, 2],
        [3, 1],
      ],
      [
        [1, 0x7f0000030000],
        [2, 0],
        [4, 1],
        [5, 9],
      ],
      [
        [1, 0x7f0000040000],
        [4, 6],
        [5, 1],
      ],
    ]);
    assert.deepEqual(parsePagemap(bytes), {
      pagesId: 7,
      runs: [
        { address: 0x7f0000000000, pages: 3 },
        { address: 0x7f0000010000, pages: 2 },
        { address: 0x7f0000040000, pages: 1 },
      ],
    });
  });

  it('says what is wrong with anything else, and nothing but that', () => {
    const good = pagemap([
      [[1, 1]],
      [
        [1, 4096],
        [4, 4],
        [5, 1],
      ],
    ]);
    assert.throws(() => parsePagemap(Buffer.alloc(0)), /no pagemap/);
    assert.throws(() => parsePagemap(good.subarray(0, good.length - 1)), /ends in the middle/);
    assert.throws(
      () =>
        parsePagemap(
          pagemap([
            [[1, 1]],
            [
              [1, 4097],
              [5, 1],
            ],
          ]),
        ),
      /broken entry/,
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        try {
          parsePagemap(bytes);
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
        }
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });
});
