// SPDX-License-Identifier: Apache-2.0
import type { NodeRecord } from '@grit/core';
import { formatFacts } from '../output/facts.js';
import { formatMoment } from '../output/format-time.js';
import { formatReadiness } from './node-columns.js';

/** Everything about a node. */
export function describeNode(record: NodeRecord): string {
  const problems = record.facts.problems.map(({ message, hint }) => `\nproblem: ${message}\nnext:    ${hint}\n`);
  return `${formatFacts([
    ['name', record.name],
    ['ready', formatReadiness(record, Date.now())],
    ['last seen', formatMoment(record.lastSeen)],
    ['incarnation', record.incarnation],
    ...Object.entries(record.facts.facts),
  ])}${problems.join('')}`;
}
