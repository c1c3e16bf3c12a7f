// SPDX-License-Identifier: Apache-2.0
import type { LabelSelector } from '../api/selector.js';

type Labels = Readonly<Record<string, string>>;
type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/** Whether labels fulfil a selector, by the rules of metav1.LabelSelector. An empty selector chooses everything. */
export function matchesSelector(selector: LabelSelector, labels: Labels | undefined): boolean {
  const own = labels ?? {};
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => valueOf(own, key) === value) &&
    (selector.matchExpressions ?? []).every((requirement) => fulfils(requirement, own))
  );
}

/** Whether a selector chooses everything, which is never meant. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

function fulfils({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = valueOf(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
