// SPDX-License-Identifier: Apache-2.0
import type { Json, JobRoute, JobSnapshot, JobState } from '@grit/plugin-api';
import type { Job, JobState as BullState, Queue } from 'bullmq';
import { decodeFailure, isCancellation } from '../jobs/errors.js';
import { decodeJobId } from '../jobs/job-id.js';
import { LOG_LINES } from '../jobs/limits.js';

/** A job of ours, or of a plain producer, as BullMQ knows it. */
export type BullJob = Job<Json, Json>;
/** A route's queue. */
export type BullQueue = Queue<Json, Json>;

/** What is known of a job now; undefined when it is gone. */
export async function snapshotOf(queue: BullQueue, route: JobRoute, raw: string): Promise<JobSnapshot | undefined> {
  const [job, state, log] = await Promise.all([
    queue.getJob(raw) as Promise<BullJob | undefined>,
    queue.getJobState(raw),
    queue.getJobLogs(raw, -LOG_LINES, -1),
  ]);
  if (!job || state === 'unknown') return undefined;
  // The state was read after the record: a job that finished in between is read again as a whole.
  if ((state === 'completed' || state === 'failed') && job.finishedOn === undefined) {
    return await snapshotOf(queue, route, raw);
  }
  return toSnapshot(job, route, state, log.logs);
}

export function toSnapshot(job: BullJob, route: JobRoute, state: BullState, log: readonly string[]): JobSnapshot {
  const error = job.failedReason ? decodeFailure(job.failedReason).toJSON() : undefined;
  const shown = stateOf(state, error?.code);
  return {
    id: decodeJobId(job.id ?? ''),
    route,
    name: job.name,
    data: job.data,
    state: shown,
    attempt: job.attemptsStarted,
    ...(job.progress === 0 ? {} : { progress: job.progress as Json }),
    ...(shown === 'completed' ? { result: job.returnvalue } : {}),
    ...(error && shown !== 'completed' ? { error } : {}),
    log,
  };
}

function stateOf(state: BullState, code: string | undefined): JobState {
  switch (state) {
    case 'completed':
    case 'active':
    case 'delayed':
      return state;
    case 'failed':
      return code !== undefined && isCancellation(code) ? 'cancelled' : 'failed';
    default:
      return 'waiting';
  }
}
