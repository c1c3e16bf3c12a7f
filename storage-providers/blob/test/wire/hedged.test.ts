// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { HedgeBudget } from '../../src/wire/hedge-budget.js';
import { hedged } from '../../src/wire/hedged.js';
import { ResponseTimes } from '../../src/wire/response-times.js';
import { never } from './seed.js';

/** One read that the test ends itself. */
interface Call {
  readonly target: Uint8Array;
  readonly signal: AbortSignal;
  succeed(byte: number): void;
  fail(error: Error): void;
}

function reads(): {
  readonly calls: Call[];
  readonly read: (target: Uint8Array, signal: AbortSignal) => Promise<number>;
  readonly count: (wanted: number) => Promise<void>;
} {
  const calls: Call[] = [];
  return {
    calls,
    read: (target, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      const succeed = (byte: number): void => {
        target.fill(byte);
        resolve(byte);
      };
      calls.push({ target, signal, succeed, fail: reject });
      return promise;
    },
    count: async (wanted) => {
      while (calls.length < wanted) await new Promise(setImmediate);
    },
  };
}

/** Times after which a read that takes longer than 50 ms is slow. */
function quick(): ResponseTimes {
  const times = new ResponseTimes();
  for (let nth = 0; nth < 20; nth += 1) times.add(1);
  return times;
}

const options = (more: object = {}) => ({
  into: Buffer.alloc(4),
  times: quick(),
  budget: new HedgeBudget({ left: 1 }),
  signal: never(),
  ...more,
});

describe('a read that may be done twice', () => {
  it('takes the second one when that is faster; the first is aborted and the target is as the second says', async () => {
    const { calls, read, count } = reads();
    const given = options();
    const result = hedged(read, given);
    await count(2);
    assert.equal(calls[0]?.target, given.into);
    assert.notEqual(calls[1]?.target, given.into);
    calls[1]?.succeed(2);
    assert.equal(await result, 2);
    assert.deepEqual([...given.into], [2, 2, 2, 2]);
    assert.equal(calls.at(0)?.signal.aborted, true);
  });

  it('takes the first one when that is faster, and leaves its target alone', async () => {
    const { calls, read, count } = reads();
    const given = options();
    const result = hedged(read, given);
    await count(2);
    calls[0]?.succeed(1);
    assert.equal(await result, 1);
    assert.equal(calls.at(1)?.signal.aborted, true);
    calls.at(1)?.succeed(9);
    assert.deepEqual([...given.into], [1, 1, 1, 1]);
  });

  it('goes on with the other one when one fails, and fails as the first when both do', async () => {
    const one = reads();
    const saved = hedged(one.read, options());
    await one.count(2);
    one.calls[0]?.fail(new Error('first'));
    one.calls[1]?.succeed(2);
    assert.equal(await saved, 2);
    const both = reads();
    const lost = assert.rejects(hedged(both.read, options()), /first/);
    await both.count(2);
    both.calls[1]?.fail(new Error('second'));
    both.calls[0]?.fail(new Error('first'));
    await lost;
  });

  it('is done once while too few are known, and when there were too many already', async () => {
    for (const more of [{ times: new ResponseTimes() }, { budget: new HedgeBudget() }]) {
      const { calls, read } = reads();
      const result = hedged(read, options(more));
      await new Promise((resolve) => setTimeout(resolve, 120));
      calls[0]?.succeed(1);
      assert.equal(await result, 1);
      assert.equal(calls.length, 1);
    }
  });

  it('ends with the signal', async () => {
    const { calls, read, count } = reads();
    const stop = new AbortController();
    const result = assert.rejects(hedged(read, options({ signal: stop.signal })), /stop/);
    await count(2);
    stop.abort(new Error('stop'));
    await result;
    assert.ok(calls.every(({ signal }) => signal.aborted));
  });
});

describe('times and budgets', () => {
  it('know the time of nineteen of twenty of the last requests', () => {
    const times = new ResponseTimes();
    for (let nth = 0; nth < 15; nth += 1) times.add(100);
    assert.equal(times.p95, undefined);
    for (let ms = 1; ms <= 100; ms += 1) times.add(ms * 10);
    // The last 64: 370 to 1000.
    assert.equal(times.p95, 970);
  });

  it('give a second read for eight that were done once, and one at a time', () => {
    const budget = new HedgeBudget();
    assert.equal(budget.spend(), false);
    for (let nth = 0; nth < 16; nth += 1) budget.earn();
    assert.deepEqual([budget.spend(), budget.spend()], [true, false]);
    budget.ended();
    assert.deepEqual([budget.spend(), budget.spend()], [true, false]);
    budget.ended();
    for (let nth = 0; nth < 7; nth += 1) budget.earn();
    assert.equal(budget.spend(), false);
    budget.earn();
    assert.equal(budget.spend(), true);
  });

  it('have a second read end before another one may begin', async () => {
    const { calls, read, count } = reads();
    const given = options();
    const result = hedged(read, given);
    await count(2);
    for (let nth = 0; nth < 16; nth += 1) given.budget.earn();
    assert.equal(given.budget.spend(), false);
    calls[0]?.succeed(1);
    await result;
    await new Promise(setImmediate);
    assert.equal(given.budget.spend(), true);
  });
});
