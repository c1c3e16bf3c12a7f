// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../../api/group.js';
import type { Restore } from '../../api/restore.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
const RETRIES = 3;

/** How often a failed restore may be tried again. */
export function retriesOf({ spec }: Restore): number {
  return spec.retries ?? RETRIES;
}

/** Whether no further try is due: the last error is one that stays, or there were enough. */
export function isExhausted(restore: Restore): boolean {
  const { failures = 0, error } = restore.status ?? {};
  return error !== undefined && (!error.retryable || failures > retriesOf(restore));
}

/** The pause before the try after so many failures, in milliseconds. */
export function pauseAfter(failures: number): number {
  return failures <= 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (Math.min(failures, 30) - 1));
}

/** A value of the retry annotation that has not been acted on. */
export function newRetry({ metadata, status }: Pick<Restore, 'metadata' | 'status'>): string | undefined {
  const asked = metadata.annotations?.[KEYS.retry];
  const done = status?.conditions?.find(({ type }) => type === 'Retried')?.message;
  return asked === done ? undefined : asked;
}
