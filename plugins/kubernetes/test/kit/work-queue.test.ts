// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from 'node:assert/strict';
import { mock } from 'node:test';
import fc from 'fast-check';
import { WorkQueue } from '../../src/kit/work-queue.js';
import { SEEDED } from './seeded.js';

type Action =
  | { readonly do: 'add'; readonly key: string }
  | { readonly do: 'done'; readonly key: string }
  | { readonly do: 'later'; readonly key: string; readonly ms: number }
  | { readonly do: 'take' }
  | { readonly do: 'tick'; readonly ms: number };

const KEY = fc.constantFrom('a', 'b', 'c');
const ACTION: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key: KEY }),
  fc.record({ do: fc.constant('done' as const), key: KEY }),
  fc.record({ do: fc.constant('later' as const), key: KEY, ms: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('tick' as const), ms: fc.integer({ min: 1, max: 30 }) }),
);

describe('a work queue', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  it('loses no key, gives none to two workers, each once however often it was added', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ACTION, { maxLength: 60 }), async (actions) => {
        const queue = new WorkQueue(() => Date.now());
        const due = new Set<string>();
        const inHand = new Set<string>();
        const times = new Map<string, number>();
        let takers = 0;
        const take = (): void => {
          takers += 1;
          void queue.take().then((key) => {
            takers -= 1;
            if (key === undefined) return;
            ok(!inHand.has(key), `${key} is given to two`);
            ok(due.delete(key), `${key} is given though nobody added it`);
            inHand.add(key);
          });
        };
        for (const action of actions) {
          if (action.do === 'take') take();
          else if (action.do === 'add') {
            due.add(action.key);
            queue.add(action.key);
          } else if (action.do === 'done') {
            if (inHand.delete(action.key)) queue.done(action.key);
          } else if (action.do === 'later') {
            const at = Date.now() + action.ms;
            times.set(action.key, Math.min(at, times.get(action.key) ?? at));
            queue.addAfter(action.key, action.ms);
          } else {
            for (let ms = 0; ms < action.ms; ms += 1) {
              for (const [key, at] of times) {
                if (at > Date.now() + 1) continue;
                times.delete(key);
                due.add(key);
              }
              mock.timers.tick(1);
            }
          }
          await Promise.resolve();
          await Promise.resolve();
          const free = [...due].filter((key) => !inHand.has(key));
          // Whoever waits has been served, and the rest waits.
          equal(queue.size, free.length);
          if (takers > 0) deepEqual(free, []);
        }
        queue.close();
      }),
      SEEDED,
    );
  });

  it('counts the earliest of several times', async () => {
    const queue = new WorkQueue(() => Date.now());
    queue.addAfter('a', 100);
    queue.addAfter('a', 40);
    queue.addAfter('a', 70);
    mock.timers.tick(39);
    equal(queue.size, 0);
    mock.timers.tick(1);
    equal(await queue.take(), 'a');
    queue.done('a');
    mock.timers.tick(100);
    equal(queue.size, 0);
  });

  it('waits longer after each failure until it went well', () => {
    const queue = new WorkQueue(() => Date.now());
    for (const full of [1_000, 2_000, 4_000, 8_000]) {
      const pause = queue.retry('a');
      ok(pause <= full && pause >= full * 0.75, `${pause} is not about ${full}`);
    }
    ok(queue.retry('a', 4_000) <= 4_000);
    queue.forget('a');
    ok(queue.retry('a') <= 1_000);
    queue.close();
  });

  it('sends everybody home when it is closed', async () => {
    const queue = new WorkQueue(() => Date.now());
    const taken = queue.take();
    queue.addAfter('b', 10);
    queue.close();
    queue.add('a');
    mock.timers.tick(20);
    equal(await taken, undefined);
    equal(await queue.take(), undefined);
    equal(queue.size, 0);
  });
});
