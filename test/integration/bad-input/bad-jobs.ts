// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import type { Machine } from '../machine/machine.js';
import { Counted, apiVersion, never } from './counted.js';

/** Jobs of a producer that has only bullmq and ioredis. */
export function badJobs(platform: () => Machine): void {
  let machine: Machine;
  let counted: Counted;
  let queue: Queue;
  let events: QueueEvents;
  let connections: Redis[];

  before(async () => {
    machine = platform();
    counted = await Counted.start(machine, 'ordered');
    connections = [1, 2].map(() => new Redis({ path: machine.redisSocket, maxRetriesPerRequest: null }));
    const [forQueue, forEvents] = connections;
    queue = new Queue('operations', { prefix: '{grit}', connection: forQueue as Redis });
    events = new QueueEvents('operations', { prefix: '{grit}', connection: forEvents as Redis });
    await events.waitUntilReady();
  });

  after(async () => {
    await events.close();
    await queue.close();
    for (const connection of connections) connection.disconnect();
  });

  const checkpoint = { apiVersion, workload: { kind: 'container', name: 'ordered' }, afterCheckpoint: 'resume' };
  const refused: readonly (readonly [string, string, unknown, string])[] = [
    ['no data', 'checkpoint', null, 'GRIT_REQUEST_INVALID'],
    ['a text', 'checkpoint', 'checkpoint ordered', 'GRIT_REQUEST_INVALID'],
    ['a list', 'checkpoint', [checkpoint], 'GRIT_REQUEST_INVALID'],
    ['an unknown kind', 'explode', checkpoint, 'GRIT_REQUEST_INVALID'],
    ['the name of a property of every object', 'constructor', checkpoint, 'GRIT_REQUEST_INVALID'],
    ['another kind in the data', 'checkpoint', { ...checkpoint, kind: 'stop' }, 'GRIT_REQUEST_INVALID'],
    ['an unknown field', 'checkpoint', { ...checkpoint, force: true }, 'GRIT_REQUEST_INVALID'],
    ['a wrong type', 'checkpoint', { ...checkpoint, workload: 'ordered' }, 'GRIT_REQUEST_INVALID'],
    [
      'a name that climbs',
      'checkpoint',
      { ...checkpoint, workload: { kind: 'container', name: '../ordered' } },
      'GRIT_REQUEST_INVALID',
    ],
    ['no version', 'checkpoint', { ...checkpoint, apiVersion: undefined }, 'GRIT_REQUEST_INVALID'],
    ['an unknown version', 'checkpoint', { ...checkpoint, apiVersion: 'grit.dev/v9' }, 'GRIT_REQUEST_VERSION'],
    ['100 KB', 'checkpoint', { ...checkpoint, idempotencyKey: 'x'.repeat(100_000) }, 'GRIT_REQUEST_TOO_LARGE'],
    ['the id of no operation', 'checkpoint', { operation: 'op-0' }, 'GRIT_OPERATION_NOT_FOUND'],
    ['an operation that is no text', 'checkpoint', { operation: { $gt: '' } }, 'GRIT_REQUEST_INVALID'],
  ];
  for (const [what, name, data, code] of refused) {
    it(`${what}: ${code}, without an operation`, async () => {
      const before = await machine.client.listOperations({}, never);
      const job = await queue.add(name, data, { attempts: 3 });
      await assert.rejects(job.waitUntilFinished(events, 30_000), (error: Error) => error.message.includes(code));
      const { attemptsMade } = (await queue.getJob(job.id ?? '')) ?? {};
      assert.equal(attemptsMade, 1, 'what is wrong is not tried again');
      assert.equal((await machine.client.listOperations({}, never)).length, before.length);
    });
  }

  it('the same key twice is one operation, also through the API', async () => {
    const data = { ...checkpoint, idempotencyKey: 'twice' };
    const jobs = await Promise.all([queue.add('checkpoint', data), queue.add('checkpoint', data)]);
    const [first, second] = await Promise.all(
      jobs.map(async (job) => (await job.waitUntilFinished(events, 30_000)) as { id: string; outcome: string }),
    );
    assert.equal(first?.outcome, 'Checkpointed');
    assert.equal(first.id, second?.id);
    const request = {
      apiVersion,
      kind: 'checkpoint',
      workload: counted.workload,
      afterCheckpoint: 'resume',
      idempotencyKey: 'twice',
    } as const;
    const third = await machine.client.submit(request, never);
    assert.deepEqual(third, { id: first.id, duplicate: true });
    await counted.runs();
  });

  it('the same key for something else: GRIT_IDEMPOTENCY_CONFLICT', async () => {
    const job = await queue.add('checkpoint', { ...checkpoint, afterCheckpoint: 'stop', idempotencyKey: 'twice' });
    await assert.rejects(job.waitUntilFinished(events, 30_000), /GRIT_IDEMPOTENCY_CONFLICT/);
    await counted.runs();
  });

  it('the queue still works, and the workload ran all the time', async () => {
    const job = await queue.add('checkpoint', checkpoint);
    const status = (await job.waitUntilFinished(events, 30_000)) as { outcome: string };
    assert.equal(status.outcome, 'Checkpointed');
    await counted.runs();
  });
}
