// SPDX-License-Identifier: Apache-2.0
import type { LabelSelector } from '../api/selector.js';
import { fulfils } from './requirement.js';

type Labels = Readonly<Record<string, string>>;

/** Whether labels fulfil a selector, by the rules of metav1.LabelSelector. An empty selector chooses everything. */
export function matchesSelector(selector: LabelSelector, labels: Labels | undefined): boolean {
  const own = labels ?? {};
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => valueOf(own, key) === value) &&
    (selector.matchExpressions ?? []).every((one) => fulfils(one, valueOf(own, one.key)) === true)
  );
}

/** Whether a selector chooses everything, which is never meant. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
