// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BullMqJobQueue } from '../src/bullmq/bull-mq-job-queue.js';
import { EmbeddedRedis } from '../src/redis/embedded-redis.js';
import { never } from './wait-for.js';

/** An embedded Redis in a directory of its own, and queues on it. */
export class TestRedis {
  readonly #queues: BullMqJobQueue[] = [];

  private constructor(
    readonly directory: string,
    readonly redis: EmbeddedRedis,
  ) {}

  static async start(): Promise<TestRedis> {
    const directory = await mkdtemp(join(tmpdir(), 'grit-queue-'));
    return new TestRedis(directory, await EmbeddedRedis.start({ stateDirectory: directory }, never));
  }

  queue(): BullMqJobQueue {
    const queue = new BullMqJobQueue(this.redis.endpoint);
    this.#queues.push(queue);
    return queue;
  }

  async stop(): Promise<void> {
    for (const queue of this.#queues) await queue.close();
    await this.redis.stop();
    await rm(this.directory, { recursive: true });
  }
}
