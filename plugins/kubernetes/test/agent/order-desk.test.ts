// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { MemoryLogger } from '@grit/plugin-testing';
import type { NodeHandlers, StepHandler } from '../../src/agent/node-handlers.js';
import { OrderDesk } from '../../src/agent/order-desk.js';
import { Slots } from '../../src/agent/slots.js';
import { RESTORES } from '../../src/api/kinds.js';
import type { Restore } from '../../src/api/restore.js';
import type { KubeClient } from '../../src/kit/kube-client.js';

/** A Restore that orders a step from node-a, in this version. */
function ordering(version: number, token: string): Restore {
  return {
    metadata: { name: 'demo', namespace: 'default', uid: 'uid-1', resourceVersion: String(version) },
    spec: { checkpointName: 'demo' },
    status: { step: { name: 'restore', node: 'node-a', token, attempt: 1, orderedAt: '2026-11-28T00:00:00.000Z' } },
  };
}

describe('OrderDesk', () => {
  const wake = { type: RESTORES, namespace: 'default', name: 'demo', uid: 'uid-1', token: 'second' };
  const end = new AbortController();

  /** A desk whose step lasts until it is told to stop, or to end. */
  function desk(newest: Restore) {
    const begun = Promise.withResolvers<AbortSignal>();
    const finish = Promise.withResolvers<undefined>();
    const step: StepHandler = async (_order, { signal }) => {
      begun.resolve(signal);
      await finish.promise;
      return {};
    };
    // Of the API server only what it holds counts here.
    const client = { find: async () => newest, apply: async () => newest } as unknown as KubeClient;
    const handlers = { restore: step } as unknown as NodeHandlers;
    const options = {
      client,
      node: 'node-a',
      handlers,
      slots: new Slots(1),
      progressMs: 1,
      logger: new MemoryLogger(),
    };
    const tested = new OrderDesk(options, end.signal);
    const ended = tested.take(wake);
    return { tested, begun: begun.promise, finish: () => finish.resolve(undefined), ended };
  }

  it('does not stop an order for an earlier one that is heard to be gone late', async () => {
    const { tested, begun, finish, ended } = desk(ordering(12, 'second'));
    const signal = await begun;
    tested.gone(ordering(7, 'first'));
    assert.equal(signal.aborted, false);
    finish();
    await ended;
  });

  it('stops the order whose object is gone', async () => {
    const { tested, begun, finish, ended } = desk(ordering(12, 'second'));
    const signal = await begun;
    tested.gone(ordering(13, 'second'));
    assert.equal(signal.aborted, true);
    finish();
    await ended;
  });
});
