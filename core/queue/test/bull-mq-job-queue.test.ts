// SPDX-License-Identifier: Apache-2.0
import type { JobQueue } from '@grit/plugin-api';
import { describeJobQueue } from './job-queue-contract.js';
import { TestRedis } from './test-redis.js';

describe('BullMqJobQueue', () => {
  let test: TestRedis;
  let producer: JobQueue;
  let consumer: JobQueue;
  before(async () => {
    test = await TestRedis.start();
    producer = test.queue();
    consumer = test.queue();
  });
  after(() => test.stop());
  describeJobQueue(
    'BullMqJobQueue',
    () => producer,
    () => consumer,
  );
});
