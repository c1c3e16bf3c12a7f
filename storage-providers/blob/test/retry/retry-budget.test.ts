// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { RetryBudget } from '../../src/retry/retry-budget.js';
import { withRetries } from '../../src/retry/with-retries.js';

const NEVER = new AbortController().signal;

describe('the further tries of a store', () => {
  it('are so many at once, and then one after the other', () => {
    let now = 0;
    const budget = new RetryBudget({ atOnce: 2, perSuccess: 0.5, perSecond: 2 }, () => now);
    assert.deepEqual([budget.spend(), budget.spend(), budget.spend(), budget.spend()], [0, 0, 500, 1000]);
    budget.giveBack();
    assert.equal(budget.spend(), 1000);
    now = 1000;
    assert.equal(budget.spend(), 500);
    for (let nth = 0; nth < 4; nth++) budget.earn();
    assert.equal(budget.spend(), 0);
    now = 3_600_000;
    assert.deepEqual([budget.spend(), budget.spend(), budget.spend()], [0, 0, 500]);
  });

  it('are bounded in a storm, however many calls there are', async () => {
    // What is refilled comes later than any of them waits.
    const budget = new RetryBudget({ atOnce: 10, perSecond: 0.001 });
    let calls = 0;
    const policy = { firstMs: 1, longestMs: 1, totalMs: 60_000 };
    const call = async (): Promise<never> => {
      calls++;
      throw new Error('busy');
    };
    const judge = (error: unknown) => ({ error, retry: true });
    const options = { policy, signal: NEVER, judge, budget };
    const ended = await Promise.allSettled(Array.from({ length: 50 }, () => withRetries(call, options)));
    assert.ok(ended.every(({ status }) => status === 'rejected'));
    assert.equal(calls, 60);
  });

  it('are given by successes as well', async () => {
    const budget = new RetryBudget({ atOnce: 1, perSuccess: 1, perSecond: 0.001 });
    const policy = { firstMs: 1, longestMs: 1, totalMs: 60_000 };
    const judge = (error: unknown) => ({ error, retry: true });
    for (let round = 0; round < 20; round++) {
      const call = async (attempt: number): Promise<number> => {
        if (attempt === 1) throw new Error('busy');
        return attempt;
      };
      assert.equal(await withRetries(call, { policy, signal: NEVER, judge, budget }), 2);
    }
  });
});
