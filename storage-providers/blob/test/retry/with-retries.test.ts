// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError } from '@grit/plugin-api';
import { withRetries, type Verdict } from '../../src/retry/with-retries.js';

const NEVER = new AbortController().signal;
const LONG = { firstMs: 1, longestMs: 2, totalMs: 60_000 };

describe('withRetries', () => {
  /** Fails so often, then succeeds with the number of the try. */
  const failing = (times: number) => async (attempt: number) => {
    if (attempt <= times) throw new Error(`try ${attempt}`);
    return attempt;
  };
  const judge =
    (retry: boolean, more: Partial<Verdict> = {}) =>
    (error: unknown) => ({ error, retry, ...more });

  it('calls until it succeeds', async () => {
    assert.equal(await withRetries(failing(5), { policy: LONG, signal: NEVER, judge: judge(true) }), 6);
  });

  it('throws what does not get better at once', async () => {
    const call = withRetries(failing(1), { policy: LONG, signal: NEVER, judge: judge(false) });
    await assert.rejects(call, /try 1/);
  });

  it('has few tries for some', async () => {
    const call = withRetries(failing(9), { policy: LONG, signal: NEVER, judge: judge(true, { tries: 3 }) });
    await assert.rejects(call, /try 3/);
  });

  it('ends when the policy does, and does not wait for longer than that', async () => {
    const policy = { ...LONG, totalMs: 30 };
    await assert.rejects(withRetries(failing(Infinity), { policy, signal: NEVER, judge: judge(true) }), /try/);
    const asked = judge(true, { afterMs: 3_600_000 });
    await assert.rejects(withRetries(failing(1), { policy: LONG, signal: NEVER, judge: asked }), /try 1/);
  });

  it('ends in the middle of a pause when it is aborted', async () => {
    const abort = new AbortController();
    const waits = (error: unknown): Verdict => {
      queueMicrotask(() => abort.abort());
      return { error, retry: true, afterMs: 50_000 };
    };
    const call = withRetries(failing(1), { policy: LONG, signal: abort.signal, judge: waits });
    await assert.rejects(call, (error) => isGritError(error) && error.code === 'GRIT_ABORTED');
  });
});
