// SPDX-License-Identifier: Apache-2.0
export type { BullMqJobQueue, BullMqJobQueueOptions } from './bullmq/bull-mq-job-queue.js';
export { MAX_JOB_BYTES } from './jobs/limits.js';
export { MemoryJobQueue } from './memory/memory-job-queue.js';
export { openJobQueue } from './open-job-queue.js';
export { EmbeddedRedis, stopEmbeddedRedis, type EmbeddedRedisOptions } from './redis/embedded-redis.js';
export type { RedisEndpoint, RedisSocketEndpoint, RedisUrlEndpoint } from './redis/redis-endpoint.js';
// Detached processes with pid files are ours beside Redis too: the server looks after its agent in the same way.
export { identify, isAlive, type ProcessIdentity } from './redis/process-identity.js';
export { withLock } from './redis/named-lock.js';
export { readLiving, writeIdentity } from './redis/pid-file.js';
