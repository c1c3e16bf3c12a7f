// SPDX-License-Identifier: Apache-2.0
import type { KubeNode, NodeSelector } from '../api/core-kinds.js';

type NodeRequirement = NonNullable<NonNullable<NodeSelector['nodeSelectorTerms']>[number]['matchFields']>[number];

/** Whether a node is one of those that a selector chooses, by the rules of the scheduler: a term that asks for nothing chooses none. */
export function choosesNode({ nodeSelectorTerms = [] }: NodeSelector, { metadata }: KubeNode): boolean {
  const labels = new Map(Object.entries(metadata.labels ?? {}));
  const fields = new Map([['metadata.name', metadata.name]]);
  return nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    const asksForNothing = matchExpressions.length + matchFields.length === 0;
    return (
      !asksForNothing &&
      matchExpressions.every((requirement) => fulfils(requirement, labels)) &&
      matchFields.every((requirement) => fulfils(requirement, fields))
    );
  });
}

/** A selector in the words of kubectl: `disk in (ssd), !spot or zone in (a,b)`. */
export function nodeSelectorText({ nodeSelectorTerms = [] }: NodeSelector): string {
  const terms = nodeSelectorTerms.map(({ matchExpressions = [], matchFields = [] }) =>
    [...matchExpressions, ...matchFields].map(requirementText).join(', '),
  );
  return terms.filter((term) => term !== '').join(' or ') || 'no node';
}

function fulfils({ key, operator, values = [] }: NodeRequirement, own: ReadonlyMap<string, string>): boolean {
  const value = own.get(key);
  const [first = ''] = values;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number.parseInt(value, 10) > Number.parseInt(first, 10);
    case 'Lt':
      return value !== undefined && Number.parseInt(value, 10) < Number.parseInt(first, 10);
    default:
      // Of a newer Kubernetes: the scheduler knows.
      return true;
  }
}

function requirementText({ key, operator, values = [] }: NodeRequirement): string {
  const list = values.join(',');
  switch (operator) {
    case 'In':
      return `${key} in (${list})`;
    case 'NotIn':
      return `${key} notin (${list})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return `${key} ${operator} ${list}`;
  }
}
