// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError } from '@grit/plugin-api';
import { SEED } from '../seeded.js';

/** Cases of each target: some thousands, or as many as GRIT_FUZZ says. */
const RUNS = Number(process.env.GRIT_FUZZ ?? 3000);

/** How the cases of a target ended. */
export interface FuzzResult {
  /** Were taken as good. */
  good: number;
  /** Were refused, by code. */
  readonly refused: Map<string, number>;
}

/** The test's time limit: many times what it takes. */
export const FUZZ_TIMEOUT_MS = 60_000 + RUNS * 5;

/**
 * Runs all cases, each with its own seed: what goes wrong can be repeated alone. A case must return or throw an error of GRIT with
 * a code of a damaged image; whatever else it does fails the test.
 */
export async function fuzz(target: string, oneCase: (seed: number) => void | Promise<void>): Promise<FuzzResult> {
  const result: FuzzResult = { good: 0, refused: new Map() };
  for (let run = 0; run < RUNS; run++) {
    const seed = (Math.imul(SEED, 31) + run) >>> 0;
    try {
      await oneCase(seed);
      result.good += 1;
    } catch (error) {
      const code = isGritError(error) ? error.code : undefined;
      assert.ok(code?.startsWith('GRIT_IMAGE_') === true, `${target}, seed ${seed}: ${String(error)}`);
      result.refused.set(code, (result.refused.get(code) ?? 0) + 1);
    }
  }
  if (RUNS > 10_000) console.log(`${target}: ${RUNS} cases, ${result.good} good`, Object.fromEntries(result.refused));
  // Nearly all cases are damaged, and some changes do no harm: when either never shows, the target is not reached.
  assert.ok(result.good > 0, `${target}: no case was good`);
  assert.ok(result.refused.size > 0, `${target}: no case was refused`);
  return result;
}
