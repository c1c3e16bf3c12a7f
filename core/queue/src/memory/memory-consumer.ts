// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { GritError, Json, JobConsumer, JobHandler } from '@grit/plugin-api';
import { consumerClosing, failureOf } from '../jobs/errors.js';
import { ABORT_GRACE_MS, LOG_LINES } from '../jobs/limits.js';
import { settledWithin } from '../jobs/within.js';
import type { MemoryJob } from './memory-job.js';

/** How a delivery ended. */
export type Ending = { readonly result: Json } | { readonly error: GritError } | { readonly givenBack: true };

/** What a consumer needs of its queue. */
export interface MemoryRoute {
  take(): MemoryJob | undefined;
  changed(job: MemoryJob): void;
  end(job: MemoryJob, ending: Ending): void;
  left(consumer: MemoryConsumer): void;
}

export class MemoryConsumer implements JobConsumer {
  readonly #route: MemoryRoute;
  readonly #handler: JobHandler;
  readonly #concurrency: number;
  readonly #running = new Map<MemoryJob, Promise<void>>();
  #closing: Promise<void> | undefined;
  #abandoning = false;

  constructor(route: MemoryRoute, handler: JobHandler, concurrency: number) {
    this.#route = route;
    this.#handler = handler;
    this.#concurrency = concurrency;
  }

  /** Takes jobs while there are some and it has room. */
  pull(): void {
    while (!this.#closing && this.#running.size < this.#concurrency) {
      const job = this.#route.take();
      if (!job) return;
      const run = this.#run(job).finally(() => {
        this.#running.delete(job);
        this.pull();
      });
      this.#running.set(job, run);
    }
  }

  close(options: { readonly deadlineMs: number }): Promise<void> {
    this.#closing ??= this.#close(options.deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    const drained = Promise.all(this.#running.values());
    if (!(await settledWithin(drained, deadlineMs))) {
      this.#abandoning = true;
      for (const job of this.#running.keys()) job.controller?.abort(consumerClosing());
      await settledWithin(drained, ABORT_GRACE_MS);
    }
    this.#route.left(this);
  }

  async #run(job: MemoryJob): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    job.controller = controller;
    this.#route.changed(job);
    this.#route.end(job, await this.#deliver(job, signal));
  }

  async #deliver(job: MemoryJob, signal: AbortSignal): Promise<Ending> {
    // The handler never runs inside `submit`, as it would not on Redis.
    await Promise.resolve();
    const delivered = {
      id: job.id,
      name: job.name,
      data: structuredClone(job.data),
      attempt: job.delivered,
      token: randomUUID(),
    };
    try {
      signal.throwIfAborted();
      const result = await this.#handler(delivered, {
        signal,
        progress: async (value) => {
          job.progress = structuredClone(value);
          this.#route.changed(job);
        },
        log: async (line) => {
          job.log.push(line);
          if (job.log.length > LOG_LINES) job.log.shift();
          this.#route.changed(job);
        },
      });
      return { result: structuredClone(result) };
    } catch (thrown) {
      if (this.#abandoning && signal.aborted) return { givenBack: true };
      return { error: failureOf(thrown, signal) };
    }
  }
}
