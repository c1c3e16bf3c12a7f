// SPDX-License-Identifier: Apache-2.0
// Submits a checkpoint and reads its result with bullmq and ioredis alone: node submit.mjs WORKLOAD [REDIS_SOCKET]
import { homedir } from 'node:os';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';

const [name, path = `${homedir()}/.local/state/grit/redis/redis.sock`] = process.argv.slice(2);
const connections = [0, 1].map(() => new Redis({ path, maxRetriesPerRequest: null }));
const queue = new Queue('operations', { prefix: '{grit}', connection: connections[0] });
const events = new QueueEvents('operations', { prefix: '{grit}', connection: connections[1] });
await events.waitUntilReady();

const job = await queue.add('checkpoint', {
  apiVersion: 'grit.dev/v1',
  workload: { kind: 'container', name },
  afterCheckpoint: 'resume',
  idempotencyKey: `${name}-${Date.now()}`,
});
try {
  const { checkpoint, outcome } = await job.waitUntilFinished(events, 60_000);
  console.log(JSON.stringify({ outcome, checkpoint }));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
await Promise.all([queue.close(), events.close()]);
for (const connection of connections) connection.disconnect();
