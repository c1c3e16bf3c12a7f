// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError, type DeliveredJob, type JobConsumer, type JsonObject } from '@grit/plugin-api';
import { Queue, QueueEvents } from 'bullmq';
import { TestRedis } from './test-redis.js';
import { never, waitFor } from './wait-for.js';

// What a producer does that has only bullmq and ioredis.
describe('a plain BullMQ producer', () => {
  let test: TestRedis;
  let operations: Queue<unknown, unknown>;
  let events: QueueEvents;
  let consumer: JobConsumer;
  const seen: DeliveredJob[] = [];

  before(async () => {
    test = await TestRedis.start();
    const options = { prefix: '{grit}', connection: test.redis.endpoint };
    operations = new Queue('operations', options);
    events = new QueueEvents('operations', options);
    await events.waitUntilReady();
    consumer = await test.queue().consume(
      'operations',
      async (job) => {
        seen.push(job);
        const request = job.data as JsonObject | null;
        if (typeof request !== 'object' || request === null)
          throw new GritError('GRIT_REQUEST_INVALID', 'not an object');
        if (request['apiVersion'] !== 'grit.dev/v1') throw new GritError('GRIT_REQUEST_VERSION', 'unknown apiVersion');
        if (request['flaky'] === true && job.attempt === 1) throw new GritError('GRIT_NODE_GONE', 'gone');
        return { checkpoint: 'c-1', attempt: job.attempt };
      },
      { concurrency: 4 },
    );
  });
  after(async () => {
    await consumer.close({ deadlineMs: 1_000 });
    await events.close();
    await operations.close();
    await test.stop();
  });

  const request = {
    apiVersion: 'grit.dev/v1',
    workload: { kind: 'container', name: 'train' },
    afterCheckpoint: 'resume',
    idempotencyKey: 'k1',
  };

  it('submits and reads the result', async () => {
    const job = await operations.add('checkpoint', request);
    assert.deepEqual(await job.waitUntilFinished(events, 20_000), { checkpoint: 'c-1', attempt: 1 });
    assert.deepEqual([seen.at(-1)?.name, seen.at(-1)?.data], ['checkpoint', request]);
    const ours = await test.queue().get('operations', seen.at(-1)!.id, never);
    assert.deepEqual([ours.state, ours.id], ['completed', `~${job.id}`]);
  });

  it('gets the retries that the error code asks for, though it asked for none', async () => {
    const job = await operations.add('checkpoint', { ...request, flaky: true });
    assert.deepEqual(await job.waitUntilFinished(events, 20_000), { checkpoint: 'c-1', attempt: 2 });
  });

  for (const [what, data, code] of [
    ['a malformed job', 'nonsense', 'GRIT_REQUEST_INVALID'],
    ['a job of an unknown version', { ...request, apiVersion: 'grit.dev/v9' }, 'GRIT_REQUEST_VERSION'],
    ['an oversized job', { ...request, note: 'x'.repeat(70_000) }, 'GRIT_REQUEST_TOO_LARGE'],
  ] as const) {
    it(`is told at once, with a code, of ${what}`, async () => {
      const job = await operations.add('checkpoint', data, { attempts: 5 });
      await assert.rejects(job.waitUntilFinished(events, 20_000), (error: Error) => {
        const { code: found, hint, retryable } = JSON.parse(error.message) as Record<string, unknown>;
        assert.deepEqual([found, retryable, typeof hint], [code, false, 'string']);
        return true;
      });
      const ours = await test.queue().get('operations', `~${job.id}`, never);
      assert.deepEqual([ours.state, ours.error?.code, ours.attempt], ['failed', code, 1]);
    });
  }

  it('may leave the data out', async () => {
    const count = seen.length;
    const job = await operations.add('checkpoint', undefined);
    await assert.rejects(job.waitUntilFinished(events, 20_000), /GRIT_REQUEST_VERSION/);
    await waitFor('seen once', () => seen.length === count + 1);
  });
});
