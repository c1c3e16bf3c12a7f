// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from 'node:assert/strict';
import { GritError, type DeliveredJob, type JobQueue } from '@grit/plugin-api';
import { MemoryLogger } from '@grit/plugin-testing';
import { MemoryJobQueue } from '@grit/queue';
import { CHECKPOINTS } from '../../src/api/kinds.js';
import type { StepReport } from '../../src/api/step.js';
import { nextStep } from '../../src/steps/order-step.js';
import { StepDispatcher } from '../../src/steps/step-dispatcher.js';

const signal = new AbortController().signal;
const step = nextStep(undefined, { name: 'checkpoint', node: 'a' }, new Date(0));

function object(report?: Partial<StepReport>) {
  return {
    metadata: { name: 'demo', namespace: 'default', uid: 'u' },
    status: {
      step,
      ...(report === undefined
        ? {}
        : {
            report: { token: step.token, phase: 'Running' as const, startedAt: new Date(0).toISOString(), ...report },
          }),
    },
  };
}

describe('the dispatcher of steps', () => {
  let queue: MemoryJobQueue;
  let now: number;
  let dispatcher: StepDispatcher;

  beforeEach(() => {
    queue = new MemoryJobQueue();
    now = 0;
    dispatcher = new StepDispatcher(queue, new MemoryLogger(), () => now);
  });

  afterEach(() => queue.close());

  const isKnown = async (id: string): Promise<boolean> =>
    queue.get('node-a', id, signal).then(
      () => true,
      () => false,
    );

  it('sends a job that says where the order stands, and nothing of it', async () => {
    equal(await dispatcher.dispatch(CHECKPOINTS, object(), signal), 5_000);
    const { name, data } = await queue.get('node-a', step.token, signal);
    equal(name, 'kube-step');
    deepEqual(data, {
      apiVersion: 'grit.dev/v1',
      kind: 'Checkpoint',
      namespace: 'default',
      name: 'demo',
      uid: 'u',
      token: step.token,
    });
  });

  it('sends no second job while the first one waits, for however long', async () => {
    await dispatcher.dispatch(CHECKPOINTS, object(), signal);
    now += 1_000_000;
    await dispatcher.dispatch(CHECKPOINTS, object(), signal);
    equal(await isKnown(`${step.token}-1`), false);
  });

  it('sends another one when the first was taken and nobody answers', async () => {
    const taken: DeliveredJob[] = [];
    const consumer = await queue.consume('node-a', async (job) => (taken.push(job), null), { concurrency: 1 });
    await dispatcher.dispatch(CHECKPOINTS, object(), signal);
    for await (const { state } of queue.watch('node-a', step.token, signal)) if (state === 'completed') break;
    equal(await dispatcher.dispatch(CHECKPOINTS, object(), signal), 5_000);
    equal(await isKnown(`${step.token}-1`), false);
    now += 5_000;
    await dispatcher.dispatch(CHECKPOINTS, object(), signal);
    ok(await isKnown(`${step.token}-1`));
    await consumer.close({ deadlineMs: 1_000 });
  });

  it('leaves an agent alone that makes progress, and wakes one that is still', async () => {
    const consumer = await queue.consume('node-a', async () => null, { concurrency: 1 });
    await dispatcher.dispatch(CHECKPOINTS, object(), signal);
    for await (const { state } of queue.watch('node-a', step.token, signal)) if (state === 'completed') break;
    for (const doneBytes of [1, 2, 3]) {
      now += 59_000;
      await dispatcher.dispatch(CHECKPOINTS, object({ progress: { phase: 'dump', doneBytes } }), signal);
    }
    equal(await isKnown(`${step.token}-1`), false);
    now += 60_000;
    await dispatcher.dispatch(CHECKPOINTS, object({ progress: { phase: 'dump', doneBytes: 3 } }), signal);
    ok(await isKnown(`${step.token}-1`));
    await consumer.close({ deadlineMs: 1_000 });
  });

  it('forgets what was answered', async () => {
    await dispatcher.dispatch(CHECKPOINTS, object(), signal);
    equal(dispatcher.size, 1);
    equal(await dispatcher.dispatch(CHECKPOINTS, object({ phase: 'Succeeded' }), signal), undefined);
    equal(dispatcher.size, 0);
  });

  it('takes back a job that is not wanted any more', async () => {
    await dispatcher.dispatch(CHECKPOINTS, object(), signal);
    await dispatcher.cancel(step, 'deleted', signal);
    equal(dispatcher.size, 0);
    equal(await isKnown(step.token), false);
  });

  it('lives with a queue that is down', async () => {
    const down = {
      submit: () => Promise.reject(new GritError('GRIT_QUEUE_UNAVAILABLE', 'down')),
    } as unknown as JobQueue;
    const other = new StepDispatcher(down, new MemoryLogger(), () => now);
    equal(await other.dispatch(CHECKPOINTS, object(), signal), 2_000);
    equal(other.size, 0);
  });
});
