// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { JobConsumer, JobSnapshot } from '@grit/plugin-api';
import { withLock } from '../src/redis/named-lock.js';
import { end, rejects } from './job-queue-contract.js';
import { TestRedis } from './test-redis.js';
import { aborted, gate, never, waitFor } from './wait-for.js';

const PATIENCE_MS = 20_000;

describe('kill -9 of Redis', () => {
  let test: TestRedis;
  let consumer: JobConsumer | undefined;
  beforeEach(async () => {
    test = await TestRedis.start();
  });
  afterEach(async () => {
    await consumer?.close({ deadlineMs: 1_000 });
    await test.stop();
  });

  it('does a running job once, refuses producers meanwhile, and is over within seconds', async () => {
    const producer = test.queue();
    const started = gate();
    const go = gate();
    // The handler's own record: a second delivery finds the work done, as the catalog would say.
    const done = new Map<string, number>();
    consumer = await test.queue().consume(
      'node-a',
      async (job) => {
        if (job.name === 'long') {
          started.open();
          await go.opened;
        }
        if (!done.has(job.id)) done.set(job.id, job.attempt);
        return { by: done.get(job.id) ?? 0 };
      },
      { concurrency: 2 },
    );
    await producer.submit('node-a', 'long', {}, { id: 'long' }, never);
    await started.opened;
    const watch = producer.watch('node-a', 'long', never)[Symbol.asyncIterator]();
    await watch.next();
    const killed = test.redis.pid!;
    // Whoever would start it again has to wait: a submission that waited for Redis would never come back here.
    await withLock(join(test.directory, 'redis', 'start'), async () => {
      process.kill(killed, 'SIGKILL');
      await waitFor('the connection is seen broken', () => refused());
      await rejects('GRIT_QUEUE_UNAVAILABLE', producer.submit('node-a', 'short', {}, {}, never));
    });
    go.open();
    await waitFor('started again', () => test.redis.pid !== killed && test.redis.pid !== undefined, PATIENCE_MS);
    await waitFor('producers are served again', async () => !(await refused()), PATIENCE_MS);
    await producer.submit('node-a', 'short', {}, { id: 'after' }, never);
    assert.equal((await end(producer, 'node-a', 'after')).state, 'completed');
    let last: JobSnapshot | undefined;
    for (let turn = await watch.next(); !turn.done; turn = await watch.next()) last = turn.value;
    assert.deepEqual([last?.state, last?.result], ['completed', { by: 1 }]);
    assert.deepEqual(
      [...done.entries()].filter(([id]) => id === 'long'),
      [['long', 1]],
    );

    async function refused(): Promise<boolean> {
      return await producer.get('node-a', 'long', never).then(
        () => false,
        () => true,
      );
    }
  }).timeout(90_000);

  it('keeps what was submitted, and hears cancellations afterwards', async () => {
    const producer = test.queue();
    const reasons: unknown[] = [];
    const started = gate();
    consumer = await test.queue().consume(
      'node-a',
      async (_job, { signal }) => {
        started.open();
        await aborted(signal);
        reasons.push((signal.reason as Error).message);
        signal.throwIfAborted();
        return null;
      },
      { concurrency: 1 },
    );
    await producer.submit('node-b', 'kept', { n: 1 }, { id: 'kept' }, never);
    await producer.submit('node-a', 'long', {}, { id: 'long' }, never);
    await started.opened;
    const killed = test.redis.pid!;
    // With appendfsync everysec the kernel has all that Redis was told; only a crash of the machine loses a second.
    process.kill(killed, 'SIGKILL');
    await waitFor('started again', () => test.redis.pid !== killed, PATIENCE_MS);
    await waitFor(
      'kept',
      () =>
        producer.get('node-b', 'kept', never).then(
          ({ state }) => state === 'waiting',
          () => false,
        ),
      PATIENCE_MS,
    );
    assert.equal(await producer.cancel('node-a', 'long', 'enough', never), true);
    await waitFor('the handler hears of it', () => reasons.length > 0, PATIENCE_MS);
    assert.deepEqual(reasons, ['enough']);
    assert.equal((await end(producer, 'node-a', 'long')).state, 'cancelled');
  }).timeout(90_000);

  it('a consumer may start, and close, while Redis is down', async () => {
    const { EmbeddedRedis, stopEmbeddedRedis } = await import('../src/redis/embedded-redis.js');
    await test.redis.release();
    await stopEmbeddedRedis(test.directory);
    let ran = 0;
    consumer = await test.queue().consume('node-a', async () => ++ran, { concurrency: 1 });
    await rejects('GRIT_QUEUE_UNAVAILABLE', test.queue().submit('node-a', 'n', {}, {}, never));
    const again = await EmbeddedRedis.start({ stateDirectory: test.directory }, never);
    await test.queue().submit('node-a', 'n', {}, {}, never);
    await waitFor('it consumes', () => ran === 1);
    await again.release();
    await stopEmbeddedRedis(test.directory);
    await consumer.close({ deadlineMs: 100 });
  }).timeout(90_000);
});
