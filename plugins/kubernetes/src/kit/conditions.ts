// SPDX-License-Identifier: Apache-2.0
import type { Condition } from '../api/condition.js';

/** The list with the condition in it; the time of its last transition stays unless its status changes. */
export function setCondition(
  list: readonly Condition[] | undefined,
  condition: Omit<Condition, 'lastTransitionTime'>,
  now: Date,
): Condition[] {
  const old = findCondition(list, condition.type);
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now.toISOString();
  const next: Condition = { ...condition, lastTransitionTime };
  if (old === undefined) return [...(list ?? []), next];
  return (list ?? []).map((known) => (known === old ? next : known));
}

export function findCondition(list: readonly Condition[] | undefined, type: string): Condition | undefined {
  return list?.find((condition) => condition.type === type);
}
