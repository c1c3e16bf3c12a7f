// SPDX-License-Identifier: Apache-2.0
import type { SerializedGritError } from '../errors/grit-error.js';
import type { Json, JsonObject } from '../json.js';

/** Where a job goes: to the coordinator, or to the agent of one node. */
export type JobRoute = 'operations' | `node-${string}`;

/** Options of a submission. */
export interface SubmitOptions {
  /** Same id, same job: a second submission while the first is known does nothing. Any text up to 200 characters. */
  readonly id?: string | undefined;
  /** 0 (default, first) to 1000. */
  readonly priority?: number | undefined;
  readonly delayMs?: number | undefined;
  /** How often it may be delivered for retryable errors; default 3. */
  readonly attempts?: number | undefined;
}

/** The answer to a submission. */
export interface SubmittedJob {
  readonly id: string;
  readonly duplicate: boolean;
}

/** The states of a job. */
export type JobState = 'waiting' | 'delayed' | 'active' | 'completed' | 'failed' | 'cancelled';

/** A job as the queue sees it. */
export interface JobSnapshot {
  readonly id: string;
  readonly route: JobRoute;
  readonly name: string;
  readonly data: Json;
  readonly state: JobState;
  /** Number of deliveries so far. */
  readonly attempt: number;
  readonly progress?: Json | undefined;
  readonly result?: Json | undefined;
  readonly error?: SerializedGritError | undefined;
  readonly log: readonly string[];
}

/** A job in the hands of a handler. */
export interface DeliveredJob {
  readonly id: string;
  readonly name: string;
  readonly data: Json;
  /** 1 for the first delivery. */
  readonly attempt: number;
  /** Different for each delivery. */
  readonly token: string;
}

/** What a handler may do beside its work. */
export interface JobContext {
  /** Aborted when the job is cancelled, its lock is lost, or the consumer is closed past its deadline. */
  readonly signal: AbortSignal;
  progress(value: JsonObject): Promise<void>;
  log(line: string): Promise<void>;
}

/** Does a job. Its result must be JSON. A GritError that is not retryable fails the job for good. At least once: it may see a job again. */
export type JobHandler = (job: DeliveredJob, context: JobContext) => Promise<Json>;

/** A running consumer. */
export interface JobConsumer {
  /** Takes no new job, waits for the running ones up to the deadline (milliseconds), then aborts them. */
  close(options: { readonly deadlineMs: number }): Promise<void>;
}

/** Delivers work, at least once, to whoever consumes its route. What it says is never the truth about an operation: the catalog is. */
export interface JobQueue {
  /** Errors: GRIT_QUEUE_UNAVAILABLE at once when the queue is down, GRIT_REQUEST_TOO_LARGE above 64 KiB of JSON. */
  submit(route: JobRoute, name: string, data: Json, options: SubmitOptions, signal: AbortSignal): Promise<SubmittedJob>;
  /** Throws GRIT_JOB_NOT_FOUND. */
  get(route: JobRoute, id: string, signal: AbortSignal): Promise<JobSnapshot>;
  /** Removes a waiting job; aborts a running one, wherever it runs, within a second. False when it is finished or unknown. */
  cancel(route: JobRoute, id: string, reason: string, signal: AbortSignal): Promise<boolean>;
  /** The job now and after each change, up to the final one. */
  watch(route: JobRoute, id: string, signal: AbortSignal): AsyncIterable<JobSnapshot>;
  /** Starts to consume; returns when it is ready, or ready to connect when the queue is down. */
  consume(route: JobRoute, handler: JobHandler, options: { readonly concurrency: number }): Promise<JobConsumer>;
  /** Failed jobs, newest first. */
  deadLetters(
    route: JobRoute,
    options: { readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly JobSnapshot[]>;
  /** Sends a failed job again, with its attempts anew. Throws GRIT_JOB_NOT_FOUND. */
  resend(route: JobRoute, id: string, signal: AbortSignal): Promise<void>;
  /** Submits the job at each time of a cron pattern or interval; same key, same schedule. */
  schedule(
    route: JobRoute,
    key: string,
    when: JobSchedule,
    job: { readonly name: string; readonly data: Json },
    signal: AbortSignal,
  ): Promise<void>;
  /** True when it was there. */
  unschedule(route: JobRoute, key: string, signal: AbortSignal): Promise<boolean>;
  /** Closes connections; consumers are closed before. */
  close(): Promise<void>;
}

/** When a scheduled job is due. */
export type JobSchedule =
  { readonly cron: string; readonly timeZone?: string | undefined } | { readonly everyMs: number };
