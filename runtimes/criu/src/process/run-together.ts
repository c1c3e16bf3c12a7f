// SPDX-License-Identifier: Apache-2.0
import type { GritError } from '@grit/plugin-api';
import { throwIfAborted } from './wait-until.js';

/** Runs jobs side by side. When one fails the others are aborted; throws what failed first, when all have ended. */
export async function runTogether(
  jobs: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const running = jobs.map(async (job) => job(either));
  for (const job of running) job.catch(() => failed.abort());
  const outcomes = await Promise.allSettled(running);
  throwIfAborted(signal);
  const errors = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Error);
  const first = errors.find((error) => (error as Partial<GritError>).code !== 'GRIT_ABORTED') ?? errors[0];
  if (first !== undefined) throw first;
}
