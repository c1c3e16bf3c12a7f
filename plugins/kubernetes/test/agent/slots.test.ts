// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Slots } from '../../src/agent/slots.js';

const { signal } = new AbortController();

describe('Slots', () => {
  it('lets in as many as there are, the others in their order', async () => {
    const slots = new Slots(2);
    const seen: string[] = [];
    const enter = async (name: string): Promise<() => void> => {
      const leave = await slots.enter(signal);
      seen.push(name);
      return leave;
    };
    const [a, b] = await Promise.all([enter('a'), enter('b')]);
    const waiting = [enter('c'), enter('d')];
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(seen, ['a', 'b']);
    b();
    (await waiting[0]!)();
    (await waiting[1]!)();
    a();
    assert.deepEqual(seen, ['a', 'b', 'c', 'd']);
    await Promise.all([enter('e'), enter('f')]);
  });

  it('who is not wanted any more gives the place in the row to the next', async () => {
    const slots = new Slots(1);
    const leave = await slots.enter(signal);
    const cancel = new AbortController();
    const given = slots.enter(cancel.signal);
    const next = slots.enter(signal);
    cancel.abort(new Error('not wanted'));
    await assert.rejects(given, /not wanted/);
    leave();
    (await next)();
    await assert.rejects(slots.enter(cancel.signal), /not wanted/);
    (await slots.enter(signal))();
  });
});
