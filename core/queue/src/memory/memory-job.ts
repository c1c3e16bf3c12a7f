// SPDX-License-Identifier: Apache-2.0
import type { Json, JobRoute, JobSnapshot, JobState, JsonObject, SerializedGritError } from '@grit/plugin-api';

/** A job of a MemoryJobQueue. */
export interface MemoryJob {
  readonly id: string;
  readonly route: JobRoute;
  readonly name: string;
  readonly data: Json;
  readonly priority: number;
  /** Order of submission. */
  readonly order: number;
  readonly attempts: number;
  state: JobState;
  /** Deliveries, and those of them that count against `attempts`. */
  delivered: number;
  tried: number;
  finishedOrder: number;
  progress?: JsonObject;
  result?: Json;
  error?: SerializedGritError | undefined;
  readonly log: string[];
  /** Of a delayed job. */
  timer?: NodeJS.Timeout;
  /** Of an active job. */
  controller?: AbortController;
  /** Those who watch it. */
  readonly watchers: Set<() => void>;
}

export function isFinal(state: JobState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

/** A copy: what a caller does with it changes nothing. */
export function snapshotOf(job: MemoryJob): JobSnapshot {
  const { id, route, name, data, state, progress, result, error, log } = job;
  return structuredClone({
    id,
    route,
    name,
    data,
    state,
    attempt: job.delivered,
    ...(progress === undefined ? {} : { progress }),
    ...(state === 'completed' ? { result: result ?? null } : {}),
    ...(error === undefined || state === 'completed' ? {} : { error }),
    log,
  });
}
