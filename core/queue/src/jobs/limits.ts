// SPDX-License-Identifier: Apache-2.0
import { GritError, type Json, type SubmitOptions } from '@grit/plugin-api';
import { checkNewJobId } from './job-id.js';

/** Bound of a job's data as JSON, in bytes: a job names things, it does not carry them. */
export const MAX_JOB_BYTES = 64 * 1024;
/** Deliveries of a job whose producer did not say. */
export const DEFAULT_ATTEMPTS = 3;
/** What an aborted handler has to clean up before it is left behind. */
export const ABORT_GRACE_MS = 2_000;
/** Lines of a job's log that are kept. */
export const LOG_LINES = 1_000;

const MAX_PRIORITY = 1_000;
const ROUTE = /^(operations|node-[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$/;

export function checkRoute(route: string): void {
  if (!ROUTE.test(route)) throw invalid('route', `${JSON.stringify(route)} is no route: operations or node-NAME`);
}

export function checkJobSize(data: Json): void {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > MAX_JOB_BYTES) {
    throw new GritError('GRIT_REQUEST_TOO_LARGE', `the job has ${bytes} bytes of data, the bound is ${MAX_JOB_BYTES}`);
  }
}

export function checkSubmission(route: string, data: Json, options: SubmitOptions): void {
  checkRoute(route);
  checkJobSize(data);
  if (options.id !== undefined) checkNewJobId(options.id);
  checkInteger('priority', options.priority, 0, MAX_PRIORITY);
  checkInteger('delayMs', options.delayMs, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('attempts', options.attempts, 1, 1_000);
}

/** Pause before the next delivery, in milliseconds: 0.5 s, 1 s, 2 s, … 30 s, less up to a quarter by chance. */
export function backoffMs(attemptsMade: number): number {
  const full = Math.min(500 * 2 ** (attemptsMade - 1), 30_000);
  return Math.round(full * (1 - Math.random() / 4));
}

function checkInteger(field: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw invalid(field, `${field}: ${value} is not a whole number from ${min} to ${max}`);
}

function invalid(field: string, message: string): GritError {
  return new GritError('GRIT_REQUEST_INVALID', message, { details: { field } });
}
