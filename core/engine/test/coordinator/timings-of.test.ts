// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { StepRecord } from '../../src/catalog/catalog.js';
import { timingsOf } from '../../src/coordinator/timings-of.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 1);

function step(
  name: string,
  startedAt: number,
  finishedAt: number,
  inner: readonly (readonly [string, number])[] = [],
): StepRecord {
  const timings = inner.map(([phase, ms]) => ({ phase, ms }));
  return {
    operation: 'op-1',
    name,
    node: 'a',
    phase: 'Succeeded',
    attempt: 1,
    token: 't',
    input: null,
    output: inner.length === 0 ? null : { timings },
    error: undefined,
    progress: undefined,
    startedAt,
    finishedAt,
  };
}

const total = (timings: readonly { readonly ms: number }[]): number => timings.reduce((sum, { ms }) => sum + ms, 0);

describe('timingsOf', () => {
  it('splits a step into its own phases and counts the rest as coordination', () => {
    const timings = timingsOf(0, 100, [
      step('dump', 10, 60, [
        ['freeze', 5],
        ['pages', 40],
      ]),
    ]);
    assert.deepEqual(timings, [
      { phase: 'coordination', ms: 55 },
      { phase: 'freeze', ms: 5 },
      { phase: 'pages', ms: 40 },
    ]);
  });

  it('counts steps side by side once', () => {
    const timings = timingsOf(0, 50, [step('store', 0, 40), step('resume', 10, 30)]);
    assert.deepEqual(timings, [
      { phase: 'store', ms: 40 },
      { phase: 'coordination', ms: 10 },
    ]);
  });

  it('always sums to the total', () => {
    const time = fc.integer({ min: 0, max: 1000 });
    const steps = fc.array(
      fc
        .tuple(time, time, fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 500 }))))
        .map(([from, length, inner]) => step('s', from, from + length, inner)),
    );
    fc.assert(
      fc.property(steps, (records) => {
        const end = Math.max(0, ...records.map(({ finishedAt }) => finishedAt ?? 0)) + 1;
        assert.ok(Math.abs(total(timingsOf(0, end, records)) - end) < 1e-6);
      }),
      { seed: SEED },
    );
  });
});
