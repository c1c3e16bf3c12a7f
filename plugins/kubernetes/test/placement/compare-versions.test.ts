// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareVersions } from '../../src/placement/compare-versions.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20261128);
const version = fc.array(fc.nat(999), { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join('.'));

describe('compareVersions', () => {
  const table: [string, string, number | undefined][] = [
    ['4.2', '4.1.1', 1],
    ['4.2', '4.2.0', 0],
    ['4.10', '4.9', 1],
    ['v2.4.2', '2.4.2', 0],
    ['6.18.0-1-amd64', '6.18.0-2-amd64', 0],
    ['580.95.05', '580.95.5', 0],
    ['580.95.05', '595', -1],
    ['unknown', '1', undefined],
    ['1', '', undefined],
  ];
  for (const [a, b, sign] of table) {
    it(`${a} and ${b}`, () => assert.equal(signOf(compareVersions(a, b)), sign));
  }

  it('looks at as many places as it is told', () => {
    assert.equal(compareVersions('6.18.1', '6.18.9', 2), 0);
    assert.equal(signOf(compareVersions('6.17.9', '6.18.0', 2)), -1);
  });

  it('is an order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const [ab, ba] = [signOf(compareVersions(a, b))!, signOf(compareVersions(b, a))!];
        assert.equal(ab + ba, 0);
        if (ab <= 0 && signOf(compareVersions(b, c))! <= 0) assert.ok(compareVersions(a, c)! <= 0);
      }),
      { seed: SEED },
    );
  });
});

function signOf(difference: number | undefined): number | undefined {
  return difference === undefined ? undefined : Math.sign(difference);
}
