// SPDX-License-Identifier: Apache-2.0
import type { LabelSelector } from '../api/selector.js';
import { requirementText } from './requirement.js';

/** A selector as the API server takes it in a query. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(requirementText);
  return [...equal, ...others].join(',');
}
