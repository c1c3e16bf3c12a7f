// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type * as api from '@grit/plugin-api';
import { Queue, type JobsOptions, type RepeatOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobNotFound } from '../jobs/errors.js';
import { decodeJobId, encodeJobId } from '../jobs/job-id.js';
import { DEFAULT_ATTEMPTS, LOG_LINES, checkJobSize, checkRoute, checkSubmission } from '../jobs/limits.js';
import { settledWithin } from '../jobs/within.js';
import type { RedisEndpoint } from '../redis/redis-endpoint.js';
import { CancellationFeed, announceCancellation, forgetCancellation } from './cancellations.js';
import { Connections } from './connections.js';
import { CLOSE_MS, PREFIX } from './constants.js';
import { BullMqJobConsumer } from './job-consumer.js';
import { snapshotOf, toSnapshot, type BullQueue } from './job-snapshot.js';
import { JobWakeups } from './job-watch.js';

/** Settings of a {@link BullMqJobQueue}. */
export interface BullMqJobQueueOptions {
  /** Told of errors that the queue recovers from by itself, such as a lost connection. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** The JobQueue on BullMQ. A route is the BullMQ queue of that name under the prefix `{grit}`. */
export class BullMqJobQueue implements api.JobQueue {
  readonly #connections: Connections;
  readonly #feed: CancellationFeed;
  readonly #wakeups: JobWakeups;
  readonly #queues = new Map<api.JobRoute, Promise<BullQueue>>();
  readonly #consumers = new Set<BullMqJobConsumer>();
  readonly #onError: (error: Error) => void;

  constructor(endpoint: RedisEndpoint, options: BullMqJobQueueOptions = {}) {
    this.#onError = options.onError ?? ((): undefined => undefined);
    this.#connections = new Connections(endpoint, this.#onError);
    this.#feed = new CancellationFeed(this.#connections);
    this.#wakeups = new JobWakeups(this.#connections, this.#onError);
  }

  async submit(
    route: api.JobRoute,
    name: string,
    data: api.Json,
    options: api.SubmitOptions,
    signal: AbortSignal,
  ): Promise<api.SubmittedJob> {
    checkSubmission(route, data, options);
    return await this.#call(route, signal, async (queue, redis) => {
      const jobOptions: JobsOptions = {
        attempts: options.attempts ?? DEFAULT_ATTEMPTS,
        keepLogs: LOG_LINES,
        ...(options.priority ? { priority: options.priority } : {}),
        ...(options.delayMs ? { delay: options.delayMs } : {}),
      };
      if (options.id === undefined) {
        const job = await queue.add(name, data, jobOptions);
        return { id: decodeJobId(job.id ?? ''), duplicate: false };
      }
      // BullMQ does not say whether the id was known; the record has the options of the first submission.
      const nonce = randomUUID();
      const raw = encodeJobId(options.id);
      const marked = { ...jobOptions, jobId: raw, submission: nonce };
      await queue.add(name, data, marked);
      const stored = await redis.hget(`${PREFIX}:${route}:${raw}`, 'opts');
      return { id: options.id, duplicate: stored !== null && !stored.includes(nonce) };
    });
  }

  async get(route: api.JobRoute, id: string, signal: AbortSignal): Promise<api.JobSnapshot> {
    const found = await this.#call(route, signal, (queue) => snapshotOf(queue, route, encodeJobId(id)));
    if (!found) throw jobNotFound(route, id);
    return found;
  }

  async cancel(route: api.JobRoute, id: string, reason: string, signal: AbortSignal): Promise<boolean> {
    const raw = encodeJobId(id);
    return await this.#call(route, signal, async (queue, redis) => {
      const [job, state] = await Promise.all([queue.getJob(raw), queue.getJobState(raw)]);
      if (!job || state === 'completed' || state === 'failed' || state === 'unknown') return false;
      if (state !== 'active') {
        // Fails when a consumer took it meanwhile.
        const removed = await job.remove().then(
          () => true,
          () => false,
        );
        if (removed) return true;
      }
      await announceCancellation(redis, { route, raw, submittedAt: job.timestamp, reason });
      return true;
    });
  }

  async *watch(route: api.JobRoute, id: string, signal: AbortSignal): AsyncGenerator<api.JobSnapshot, void> {
    const raw = encodeJobId(id);
    const watcher = await this.#call(route, signal, (_queue, redis) => this.#wakeups.open(redis, route, raw));
    try {
      let last = await this.get(route, id, signal);
      yield last;
      while (!isFinal(last.state)) {
        await watcher.next(signal);
        signal.throwIfAborted();
        const now = await this.#observe(route, raw, last, signal);
        if (JSON.stringify(now) === JSON.stringify(last)) continue;
        last = now;
        yield now;
      }
    } finally {
      this.#wakeups.release(watcher);
    }
  }

  async consume(
    route: api.JobRoute,
    handler: api.JobHandler,
    options: { readonly concurrency: number },
  ): Promise<api.JobConsumer> {
    checkRoute(route);
    const consumer = new BullMqJobConsumer(route, handler, options, {
      connections: this.#connections,
      feed: this.#feed,
      onError: this.#onError,
      onClosed: (closed) => this.#consumers.delete(closed),
    });
    this.#consumers.add(consumer);
    await consumer.ready();
    return consumer;
  }

  async deadLetters(
    route: api.JobRoute,
    options: { readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly api.JobSnapshot[]> {
    const jobs = await this.#call(route, signal, (queue) => queue.getFailed(0, Math.max(options.limit, 1) - 1));
    return jobs.map((job) => toSnapshot(job, route, 'failed', [])).filter(({ state }) => state === 'failed');
  }

  async resend(route: api.JobRoute, id: string, signal: AbortSignal): Promise<void> {
    const raw = encodeJobId(id);
    await this.#call(route, signal, async (queue, redis) => {
      const [job, state] = await Promise.all([queue.getJob(raw), queue.getJobState(raw)]);
      if (!job || state !== 'failed') throw jobNotFound(route, id);
      await forgetCancellation(redis, route, raw);
      // attemptsStarted goes on: it fences the deliveries.
      await job.retry('failed', { resetAttemptsMade: true });
    });
  }

  async schedule(
    route: api.JobRoute,
    key: string,
    when: api.JobSchedule,
    job: { readonly name: string; readonly data: api.Json },
    signal: AbortSignal,
  ): Promise<void> {
    checkRoute(route);
    checkJobSize(job.data);
    const repeat: Omit<RepeatOptions, 'key'> =
      'everyMs' in when ? { every: when.everyMs } : { pattern: when.cron, tz: when.timeZone ?? 'UTC' };
    await this.#call(route, signal, (queue) => {
      const opts = { attempts: DEFAULT_ATTEMPTS, keepLogs: LOG_LINES };
      return queue.upsertJobScheduler(encodeJobId(key), repeat, { name: job.name, data: job.data, opts });
    });
  }

  async unschedule(route: api.JobRoute, key: string, signal: AbortSignal): Promise<boolean> {
    return await this.#call(route, signal, (queue) => queue.removeJobScheduler(encodeJobId(key)));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#consumers].map((consumer) => consumer.close({ deadlineMs: 0 })));
    await settledWithin(this.#wakeups.close(), CLOSE_MS);
    const queues = await Promise.allSettled(this.#queues.values());
    this.#queues.clear();
    for (const queue of queues) if (queue.status === 'fulfilled') await settledWithin(queue.value.close(), CLOSE_MS);
    this.#connections.close();
  }

  /** The job now; the last snapshot while Redis is down; `cancelled` when it was removed. */
  async #observe(
    route: api.JobRoute,
    raw: string,
    last: api.JobSnapshot,
    signal: AbortSignal,
  ): Promise<api.JobSnapshot> {
    try {
      const now = await this.#call(route, signal, (queue) => snapshotOf(queue, route, raw));
      return now ?? { ...last, state: 'cancelled' };
    } catch (error) {
      if ((error as api.GritError).code === 'GRIT_QUEUE_UNAVAILABLE') return last;
      throw error;
    }
  }

  async #call<T>(
    route: api.JobRoute,
    signal: AbortSignal,
    commands: (queue: BullQueue, redis: Redis) => Promise<T>,
  ): Promise<T> {
    checkRoute(route);
    return await this.#connections.call(signal, async (redis) => commands(await this.#queue(route, redis), redis));
  }

  /** A BullMQ queue whose connection broke while it was being set up never works: that one is thrown away. */
  #queue(route: api.JobRoute, redis: Redis): Promise<BullQueue> {
    const known = this.#queues.get(route);
    if (known) return known;
    const queue: BullQueue = new Queue(route, { prefix: PREFIX, connection: redis });
    queue.on('error', this.#onError);
    const ready = queue.waitUntilReady().then(() => queue);
    this.#queues.set(route, ready);
    ready.catch(() => this.#queues.delete(route));
    return ready;
  }
}

function isFinal(state: api.JobState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}
