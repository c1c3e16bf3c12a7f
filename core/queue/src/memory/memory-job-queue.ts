// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type * as api from '@grit/plugin-api';
import { GritError } from '@grit/plugin-api';
import { isCancellation, jobCancelled, jobNotFound, queueUnavailable } from '../jobs/errors.js';
import { DEFAULT_ATTEMPTS, backoffMs, checkJobSize, checkRoute, checkSubmission } from '../jobs/limits.js';
import { MemoryConsumer, type Ending } from './memory-consumer.js';
import { isFinal, snapshotOf, type MemoryJob } from './memory-job.js';

/** The JobQueue for tests, and for platforms without Redis: in this process only, gone with it. */
export class MemoryJobQueue implements api.JobQueue {
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #consumers = new Map<api.JobRoute, Set<MemoryConsumer>>();
  readonly #schedules = new Map<string, NodeJS.Timeout>();
  #order = 0;
  #closed = false;

  async submit(
    route: api.JobRoute,
    name: string,
    data: api.Json,
    options: api.SubmitOptions,
    signal: AbortSignal,
  ): Promise<api.SubmittedJob> {
    checkSubmission(route, data, options);
    this.#checkOpen(signal);
    const id = options.id ?? randomUUID();
    if (this.#jobs.has(key(route, id))) return { id, duplicate: true };
    const job: MemoryJob = {
      id,
      route,
      name,
      data: structuredClone(data),
      priority: options.priority ?? 0,
      order: this.#order++,
      attempts: options.attempts ?? DEFAULT_ATTEMPTS,
      state: 'waiting',
      delivered: 0,
      tried: 0,
      finishedOrder: 0,
      log: [],
      watchers: new Set(),
    };
    this.#jobs.set(key(route, id), job);
    this.#enqueue(job, options.delayMs ?? 0);
    return { id, duplicate: false };
  }

  async get(route: api.JobRoute, id: string, signal: AbortSignal): Promise<api.JobSnapshot> {
    return snapshotOf(this.#find(route, id, signal));
  }

  async cancel(route: api.JobRoute, id: string, reason: string, signal: AbortSignal): Promise<boolean> {
    checkRoute(route);
    this.#checkOpen(signal);
    const job = this.#jobs.get(key(route, id));
    if (!job || isFinal(job.state)) return false;
    if (job.state === 'active') {
      job.controller?.abort(jobCancelled(reason));
      return true;
    }
    clearTimeout(job.timer);
    job.state = 'cancelled';
    this.#jobs.delete(key(route, id));
    changed(job);
    return true;
  }

  async *watch(route: api.JobRoute, id: string, signal: AbortSignal): AsyncGenerator<api.JobSnapshot, void> {
    const job = this.#find(route, id, signal);
    for (;;) {
      // Registered before the snapshot is handed out: a change during the caller's turn is not missed.
      const change = nextChange(job, signal);
      const snapshot = snapshotOf(job);
      yield snapshot;
      if (isFinal(snapshot.state)) return;
      await change;
      this.#checkOpen(signal);
    }
  }

  async consume(
    route: api.JobRoute,
    handler: api.JobHandler,
    options: { readonly concurrency: number },
  ): Promise<api.JobConsumer> {
    checkRoute(route);
    const consumers = this.#consumers.get(route) ?? new Set();
    this.#consumers.set(route, consumers);
    const consumer = new MemoryConsumer(
      {
        take: () => this.#take(route),
        changed,
        end: (job, ending) => this.#end(job, ending),
        left: (gone) => consumers.delete(gone),
      },
      handler,
      options.concurrency,
    );
    consumers.add(consumer);
    consumer.pull();
    return consumer;
  }

  async deadLetters(
    route: api.JobRoute,
    options: { readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly api.JobSnapshot[]> {
    checkRoute(route);
    this.#checkOpen(signal);
    return [...this.#jobs.values()]
      .filter((job) => job.route === route && job.state === 'failed')
      .sort((a, b) => b.finishedOrder - a.finishedOrder)
      .slice(0, options.limit)
      .map(snapshotOf);
  }

  async resend(route: api.JobRoute, id: string, signal: AbortSignal): Promise<void> {
    const job = this.#find(route, id, signal);
    if (job.state !== 'failed' && job.state !== 'cancelled') throw jobNotFound(route, id);
    job.tried = 0;
    job.error = undefined;
    this.#enqueue(job, 0);
  }

  async schedule(
    route: api.JobRoute,
    scheduleKey: string,
    when: api.JobSchedule,
    job: { readonly name: string; readonly data: api.Json },
    signal: AbortSignal,
  ): Promise<void> {
    checkRoute(route);
    checkJobSize(job.data);
    this.#checkOpen(signal);
    if (!('everyMs' in when)) throw new GritError('GRIT_UNSUPPORTED', 'the queue in memory knows no cron patterns');
    await this.unschedule(route, scheduleKey, signal);
    const submit = (): void => {
      // Fails only when the queue was closed meanwhile.
      this.submit(route, job.name, job.data, {}, new AbortController().signal).catch(() => undefined);
    };
    this.#schedules.set(key(route, scheduleKey), setInterval(submit, when.everyMs).unref());
    submit();
  }

  async unschedule(route: api.JobRoute, scheduleKey: string, signal: AbortSignal): Promise<boolean> {
    this.#checkOpen(signal);
    clearInterval(this.#schedules.get(key(route, scheduleKey)));
    return this.#schedules.delete(key(route, scheduleKey));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#schedules.values()) clearInterval(timer);
    const consumers = [...this.#consumers.values()].flatMap((set) => [...set]);
    await Promise.all(consumers.map((consumer) => consumer.close({ deadlineMs: 0 })));
    for (const job of this.#jobs.values()) {
      clearTimeout(job.timer);
      changed(job);
    }
  }

  #checkOpen(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#closed) throw queueUnavailable('the queue is closed');
  }

  #find(route: api.JobRoute, id: string, signal: AbortSignal): MemoryJob {
    checkRoute(route);
    this.#checkOpen(signal);
    const job = this.#jobs.get(key(route, id));
    if (!job) throw jobNotFound(route, id);
    return job;
  }

  #enqueue(job: MemoryJob, delayMs: number): void {
    if (delayMs > 0) {
      job.state = 'delayed';
      job.timer = setTimeout(() => this.#enqueue(job, 0), delayMs).unref();
    } else {
      job.state = 'waiting';
    }
    changed(job);
    if (job.state === 'waiting') for (const consumer of this.#consumers.get(job.route) ?? []) consumer.pull();
  }

  #take(route: api.JobRoute): MemoryJob | undefined {
    let next: MemoryJob | undefined;
    for (const job of this.#jobs.values()) {
      if (job.route !== route || job.state !== 'waiting') continue;
      if (!next || job.priority < next.priority || (job.priority === next.priority && job.order < next.order)) {
        next = job;
      }
    }
    if (next) {
      next.state = 'active';
      next.delivered += 1;
    }
    return next;
  }

  #end(job: MemoryJob, ending: Ending): void {
    delete job.controller;
    if ('givenBack' in ending) {
      this.#enqueue(job, 0);
      return;
    }
    job.tried += 1;
    if ('error' in ending) {
      job.error = ending.error.toJSON();
      if (ending.error.retryable && job.tried < job.attempts) {
        this.#enqueue(job, backoffMs(job.tried));
        return;
      }
      job.state = isCancellation(ending.error.code) ? 'cancelled' : 'failed';
    } else {
      job.result = ending.result;
      job.state = 'completed';
    }
    job.finishedOrder = this.#order++;
    changed(job);
  }
}

function key(route: api.JobRoute, id: string): string {
  return `${route}:${id}`;
}

function changed(job: MemoryJob): void {
  for (const wake of [...job.watchers]) wake();
}

function nextChange(job: MemoryJob, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      job.watchers.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    job.watchers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
