// SPDX-License-Identifier: Apache-2.0
import type { JobQueue } from '@grit/plugin-api';
import type { BullMqJobQueueOptions } from './bullmq/bull-mq-job-queue.js';
import type { RedisEndpoint } from './redis/redis-endpoint.js';

/** Opens the JobQueue on a Redis. BullMQ and ioredis are loaded here, so who does not use the queue does not pay for them. */
export async function openJobQueue(endpoint: RedisEndpoint, options: BullMqJobQueueOptions = {}): Promise<JobQueue> {
  const { BullMqJobQueue } = await import('./bullmq/bull-mq-job-queue.js');
  return new BullMqJobQueue(endpoint, options);
}
