// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { throwIfAborted } from '@grit/image';
import type { RetryBudget } from './retry-budget.js';

/** How long a call is tried again. Times in milliseconds. */
export interface RetryPolicy {
  /** Longest pause before the second try; it doubles with each that follows. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** From the first failure on: no try begins later. */
  readonly totalMs: number;
  /** From the start instead: what took longer than that is not tried again. */
  readonly fromStart?: boolean;
}

/** Outlasts the restart of a service and a storm of throttling. */
export const PATIENT: RetryPolicy = { firstMs: 200, longestMs: 10_000, totalMs: 120_000 };

const IMPATIENT: RetryPolicy = { firstMs: 200, longestMs: 1_000, totalMs: 3_000, fromStart: true };

/** For whoever asks whether a store can be used: a wrong name or a dead service is to be said while they look on. */
export function impatient(policy: RetryPolicy): RetryPolicy {
  return policy.totalMs < IMPATIENT.totalMs ? policy : IMPATIENT;
}

/** What a failed try means. */
export interface Verdict {
  /** What is thrown when it is not tried again. */
  readonly error: unknown;
  readonly retry: boolean;
  /** The service asks for at least this pause, milliseconds. */
  readonly afterMs?: number | undefined;
  /** At most so many tries that failed like that. */
  readonly tries?: number | undefined;
}

/**
 * Calls until it succeeds, or fails for good, or the policy ends it. Pauses are
 * random, so that those who failed together do not come back together.
 */
export async function withRetries<T>(
  call: (attempt: number) => Promise<T>,
  options: {
    readonly policy: RetryPolicy;
    readonly signal: AbortSignal;
    readonly judge: (error: unknown) => Verdict;
    /** Of all calls together. Without it each has as many tries as it likes. */
    readonly budget?: RetryBudget | undefined;
  },
): Promise<T> {
  const { policy, signal, judge, budget } = options;
  let end = policy.fromStart === true ? performance.now() + policy.totalMs : undefined;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      const result = await call(attempt);
      budget?.earn();
      return result;
    } catch (error) {
      throwIfAborted(signal);
      const { error: judged, retry, afterMs = 0, tries = Infinity } = judge(error);
      if (!retry || attempt >= tries) throw judged;
      const now = performance.now();
      end ??= now + policy.totalMs;
      const random = Math.random() * Math.min(policy.longestMs, policy.firstMs * 2 ** (attempt - 1));
      const pause = Math.max(afterMs, random, budget?.spend() ?? 0);
      if (now + pause > end) {
        budget?.giveBack();
        throw judged;
      }
      await delay(pause, undefined, { signal }).catch(() => throwIfAborted(signal));
    }
  }
}
