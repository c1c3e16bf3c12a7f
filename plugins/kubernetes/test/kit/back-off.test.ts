// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { backOffMs } from '../../src/kit/back-off.js';
import { SEEDED } from './seeded.js';

describe('a pause before another try', () => {
  it('doubles up to the longest, less up to a quarter', () => {
    const failures = fc.integer({ min: 1, max: 2_000 });
    const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(failures, chance, (count, random) => {
        const full = Math.min(300_000, 1_000 * 2 ** (count - 1));
        const pause = backOffMs(count, 1_000, 300_000, () => random);
        ok(pause <= full && pause >= Math.floor(full * 0.75), `${pause} after ${count}`);
      }),
      SEEDED,
    );
    equal(
      backOffMs(3, 250, 10_000, () => 0),
      1_000,
    );
  });
});
