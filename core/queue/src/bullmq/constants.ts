// SPDX-License-Identifier: Apache-2.0
import type { KeepJobs } from 'bullmq';

/** Hash tag: on a Redis Cluster all our keys are in one slot. */
export const PREFIX = '{grit}';

/** An outage of Redis shorter than this loses no lock, so it delivers no running job twice. */
export const LOCK_DURATION_MS = 60_000;
export const STALLED_INTERVAL_MS = 15_000;
/** How often a job may lose its consumer before it is failed. */
export const MAX_STALLED = 3;

const DAY_S = 24 * 60 * 60;
/** Without an age: looking for aged jobs costs with each job that ends. */
export const KEEP_COMPLETED: KeepJobs = { count: 5_000 };
/** Dead letters. */
export const KEEP_FAILED: KeepJobs = { age: 14 * DAY_S, count: 10_000 };

/** A command that takes longer is given up: the producer is told that the queue is down. */
export const COMMAND_TIMEOUT_MS = 5_000;

/** BullMQ's own close waits for a Redis that is down: not longer than this. */
export const CLOSE_MS = 2_000;
