// SPDX-License-Identifier: Apache-2.0
import type { LabelSelector } from '@grit/plugin-kubernetes';
import { usageError } from '../../arguments/usage-error.js';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

const KEY = String.raw`(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?/)?[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?`;
const EQUAL = new RegExp(`^(${KEY})\\s*(=|==|!=)\\s*([\\w.-]*)$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);

/** A label selector as kubectl takes it: `app=x,tier in (a,b),!legacy`. Throws GRIT_USAGE. */
export function parseSelector(text: string): LabelSelector {
  const matchLabels: Record<string, string> = {};
  const matchExpressions: Requirement[] = [];
  // Commas within parentheses separate values.
  for (const part of text.split(/,(?![^()]*\))/).map((each) => each.trim())) {
    const equal = EQUAL.exec(part);
    const set = SET.exec(part);
    const exists = EXISTS.exec(part);
    if (equal !== null) {
      const [, key = '', operator, value = ''] = equal;
      if (operator === '!=') matchExpressions.push({ key, operator: 'NotIn', values: [value] });
      else if (matchLabels[key] === undefined || matchLabels[key] === value) matchLabels[key] = value;
      else throw usageError(`-l: no pod has two values of ${key}`, 'migrate', 'kubectl grit');
    } else if (set !== null) {
      const [, key = '', operator, values = ''] = set;
      const list = values.split(',').map((each) => each.trim());
      matchExpressions.push({ key, operator: operator === 'in' ? 'In' : 'NotIn', values: list });
    } else if (exists !== null) {
      const [, not, key = ''] = exists;
      matchExpressions.push({ key, operator: not === '!' ? 'DoesNotExist' : 'Exists' });
    } else {
      throw usageError(`-l: "${part}" is no requirement like app=x, tier in (a,b), x or !x`, 'migrate', 'kubectl grit');
    }
  }
  return {
    ...(Object.keys(matchLabels).length === 0 ? {} : { matchLabels }),
    ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
  };
}
