// SPDX-License-Identifier: Apache-2.0
import type { DeliveredJob, GritError, Json, JobConsumer, JobHandler, JobRoute } from '@grit/plugin-api';
import { UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { consumerClosing, encodeFailure, failureOf, jobCancelled, lockLost } from '../jobs/errors.js';
import { decodeJobId } from '../jobs/job-id.js';
import { ABORT_GRACE_MS, DEFAULT_ATTEMPTS, backoffMs, checkJobSize } from '../jobs/limits.js';
import { settledWithin } from '../jobs/within.js';
import { readCancellation } from './cancellations.js';
import type { Cancellation, CancellationFeed, CancellationListener } from './cancellations.js';
import type { Connections } from './connections.js';
import * as constants from './constants.js';
import { JobReporter } from './job-reporter.js';
import type { BullJob } from './job-snapshot.js';

const EARLY_KEPT = 1_000;

interface RunningJob {
  readonly job: BullJob;
  readonly controller: AbortController;
}

/** Runs the jobs of one route with one handler. */
export class BullMqJobConsumer implements JobConsumer, CancellationListener {
  readonly #route: JobRoute;
  readonly #handler: JobHandler;
  readonly #connections: Connections;
  readonly #feed: CancellationFeed;
  readonly #worker: Worker<Json, Json>;
  readonly #running = new Map<string, RunningJob>();
  /** Announced for jobs that are not running here, or not yet: between BullMQ's fetch and our start. */
  readonly #early = new Map<string, Cancellation>();
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;
  #abandoning = false;
  readonly #onClosed: () => void;

  constructor(
    route: JobRoute,
    handler: JobHandler,
    options: { readonly concurrency: number },
    parts: {
      connections: Connections;
      feed: CancellationFeed;
      onError: (error: Error) => void;
      onClosed: (consumer: BullMqJobConsumer) => void;
    },
  ) {
    this.#route = route;
    this.#handler = handler;
    this.#connections = parts.connections;
    this.#feed = parts.feed;
    this.#onClosed = () => parts.onClosed(this);
    this.#feed.add(this);
    this.#worker = new Worker<Json, Json>(route, (job, token) => this.#process(job, token ?? ''), {
      prefix: constants.PREFIX,
      connection: parts.connections.consumer,
      concurrency: options.concurrency,
      lockDuration: constants.LOCK_DURATION_MS,
      stalledInterval: constants.STALLED_INTERVAL_MS,
      maxStalledCount: constants.MAX_STALLED,
      removeOnComplete: constants.KEEP_COMPLETED,
      removeOnFail: constants.KEEP_FAILED,
      runRetryDelay: 1_000,
      settings: { backoffStrategy: (attemptsMade) => backoffMs(attemptsMade) },
    });
    this.#worker.on('error', parts.onError);
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const raw of ids) this.#abort(raw, lockLost());
    });
  }

  /** Resolves when it takes jobs, or when Redis is down and it will do so as soon as that is back. */
  async ready(): Promise<void> {
    const redis = this.#connections.consumer;
    if (redis.status === 'ready' || redis.status === 'connecting' || redis.status === 'connect') {
      await settledWithin(this.#worker.waitUntilReady(), constants.CLOSE_MS);
    }
  }

  close(options: { readonly deadlineMs: number }): Promise<void> {
    this.#closing ??= this.#close(options.deadlineMs).finally(this.#onClosed);
    return this.#closing;
  }

  onCancellation(cancellation: Cancellation): void {
    if (cancellation.route !== this.#route) return;
    const running = this.#running.get(cancellation.raw);
    if (running) {
      abortIfMeant(running, cancellation);
      return;
    }
    this.#early.set(cancellation.raw, cancellation);
    const oldest = this.#early.size > EARLY_KEPT ? this.#early.keys().next() : undefined;
    if (oldest && !oldest.done) this.#early.delete(oldest.value);
  }

  onReconnect(): void {
    for (const running of this.#running.values()) void this.#readFlag(running).catch(() => undefined);
  }

  async #process(job: BullJob, token: string): Promise<Json> {
    // Fetched while the drain began.
    if (this.#closing) return await giveBack(job, token);
    // A plain producer says nothing of retries; BullMQ reads these when it decides about one.
    job.opts.attempts ||= DEFAULT_ATTEMPTS;
    job.opts.backoff = { type: 'grit' };
    const running: RunningJob = { job, controller: new AbortController() };
    const signal = running.controller.signal;
    const raw = job.id ?? '';
    // Known as running before the flag is looked at: a cancellation is either there or heard.
    this.#running.set(raw, running);
    try {
      checkJobSize(job.data);
      await this.#meetCancellation(running);
      signal.throwIfAborted();
      const reporter = new JobReporter(job);
      const result = await this.#handler(this.#delivered(job, token), {
        signal,
        progress: (value) => reporter.progress(value),
        log: (line) => reporter.log(line),
      });
      await reporter.flush();
      return result;
    } catch (thrown) {
      if (this.#abandoning && signal.aborted) return await giveBack(job, token);
      throw bullErrorOf(failureOf(thrown, signal));
    } finally {
      this.#running.delete(raw);
      if (this.#running.size === 0) this.#onIdle?.();
    }
  }

  #delivered(job: BullJob, token: string): DeliveredJob {
    const { name, data, attemptsStarted } = job;
    return { id: decodeJobId(job.id ?? ''), name, data, attempt: attemptsStarted, token };
  }

  /** A first delivery can only have been cancelled just now, which the feed tells: that saves a round trip for each job. */
  async #meetCancellation(running: RunningJob): Promise<void> {
    const early = this.#early.get(running.job.id ?? '');
    if (early) abortIfMeant(running, early);
    if (running.job.attemptsStarted > 1 || !this.#feed.live) await this.#readFlag(running);
  }

  async #readFlag(running: RunningJob): Promise<void> {
    const found = await readCancellation(this.#connections.consumer, this.#route, running.job.id ?? '');
    if (found) abortIfMeant(running, found);
  }

  #abort(raw: string, reason: GritError): void {
    this.#running.get(raw)?.controller.abort(reason);
  }

  async #close(deadlineMs: number): Promise<void> {
    // Not its waiting pause: that one opens the blocking connection anew, even after it was closed.
    void this.#worker.pause(true);
    if (!(await this.#idleWithin(deadlineMs))) {
      this.#abandoning = true;
      for (const raw of this.#running.keys()) this.#abort(raw, consumerClosing());
      await this.#idleWithin(ABORT_GRACE_MS);
    }
    this.#feed.remove(this);
    // BullMQ waits here for a Redis that is down; what is left open then dies with the connections.
    const force = this.#running.size > 0 || this.#connections.consumer.status !== 'ready';
    await settledWithin(this.#worker.close(force), constants.CLOSE_MS);
  }

  async #idleWithin(ms: number): Promise<boolean> {
    if (this.#running.size === 0) return true;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    return await settledWithin(idle, ms);
  }
}

/** A cancellation may be older than the job: an earlier one had the same id. */
function abortIfMeant({ job, controller }: RunningJob, cancellation: Cancellation): void {
  if (job.timestamp === cancellation.submittedAt) controller.abort(jobCancelled(cancellation.reason));
}

/** Puts an aborted job back at once, for another consumer; without it the lock would have to run out. */
async function giveBack(job: BullJob, token: string): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

function bullErrorOf(error: GritError): Error {
  const bullError = error.retryable ? new Error(encodeFailure(error)) : new UnrecoverableError(encodeFailure(error));
  // The stack that counts is in the GritError's own log; here it would be a copy of the message.
  bullError.stack = '';
  return bullError;
}
