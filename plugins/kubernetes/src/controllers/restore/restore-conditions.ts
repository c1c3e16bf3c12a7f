// SPDX-License-Identifier: Apache-2.0
import type { Condition } from '../../api/condition.js';

/** A condition before it is known when its status last changed. */
export type Statement = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;

/**
 * The conditions of an object: those that are said now, each with the time since when its status is what it is. What is said no more is left out.
 */
export function conditionsOf(
  previous: readonly Condition[] | undefined,
  statements: readonly Statement[],
  generation: number | undefined,
  now: Date,
): Condition[] {
  return statements.map((statement) => {
    const before = previous?.find(({ type }) => type === statement.type);
    return {
      ...statement,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime:
        before !== undefined && before.status === statement.status ? before.lastTransitionTime : now.toISOString(),
    };
  });
}

/** For how long a condition has had its status, in milliseconds; 0 when it is not there, or says so by a clock that is ahead of this one. */
export function ageOf(conditions: readonly Condition[] | undefined, type: string, now: Date): number {
  const condition = conditions?.find((one) => one.type === type);
  return condition === undefined ? 0 : Math.max(0, now.getTime() - Date.parse(condition.lastTransitionTime));
}
