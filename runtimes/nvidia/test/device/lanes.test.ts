// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { lanesOf, runInLanes } from '../../src/device/lanes.js';

function use(name: string, ...devices: string[]): { readonly name: string; readonly devices: readonly string[] } {
  return { name, devices };
}

describe('processes and their GPUs', () => {
  it('are in one lane when they share one, also through a third', () => {
    const lanes = lanesOf([use('p', 'a'), use('q', 'b'), use('r', 'c'), use('s', 'b', 'a')]);
    const names = lanes.map((lane) =>
      lane
        .map(({ name }) => name)
        .sort()
        .join(''),
    );
    assert.deepEqual(names.sort(), ['pqs', 'r']);
  });

  it('that could see all, but have memory on one each, are in lanes of their own', () => {
    const ranks = ['a', 'b', 'c'].map((gpu) => ({ ...use(gpu, 'a', 'b', 'c'), memoryOn: [gpu] }));
    assert.equal(lanesOf(ranks).length, 3);
    assert.equal(lanesOf([...ranks, { ...use('d', 'a', 'b', 'c'), memoryOn: ['a', 'b'] }]).length, 2);
    assert.equal(lanesOf([...ranks, use('e', 'a', 'b', 'c')]).length, 1);
  });

  it('go one after the other in a lane, and lanes side by side', async () => {
    const running = new Set<string>();
    const together = new Set<string>();
    const bothStarted = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    await runInLanes([use('p', 'a'), use('q', 'a'), use('r', 'b')], async ({ name }) => {
      running.add(name);
      for (const other of running) if (other !== name) together.add([name, other].sort().join(''));
      if (running.has('p') && running.has('r')) bothStarted.resolve(undefined);
      if (name === 'p' || name === 'r') await bothStarted.promise;
      seen.push(name);
      running.delete(name);
    });
    assert.ok(together.has('pr') && !together.has('pq'));
    assert.ok(seen.indexOf('p') < seen.indexOf('q'));
  });

  it('fail with what failed first, when all lanes have ended', async () => {
    const ended: string[] = [];
    const run = runInLanes([use('p', 'a'), use('q', 'b')], async ({ name }) => {
      if (name === 'p') throw new Error('p failed');
      await Promise.resolve();
      ended.push(name);
    });
    await assert.rejects(run, /p failed/);
    assert.deepEqual(ended, ['q']);
  });
});
