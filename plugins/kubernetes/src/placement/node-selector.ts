// SPDX-License-Identifier: Apache-2.0
import type { KubeNode, NodeSelector } from '../api/core-kinds.js';
import { fulfils, requirementText, type Requirement } from '../pods/requirement.js';

/** Whether a node is one of those that a selector chooses, by the rules of the scheduler: a term that asks for nothing chooses none. */
export function choosesNode({ nodeSelectorTerms = [] }: NodeSelector, { metadata }: KubeNode): boolean {
  const labels = new Map(Object.entries(metadata.labels ?? {}));
  const fields = new Map([['metadata.name', metadata.name]]);
  return nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    const asksForNothing = matchExpressions.length + matchFields.length === 0;
    return (
      !asksForNothing &&
      matchExpressions.every((one) => isFulfilled(one, labels.get(one.key))) &&
      matchFields.every((one) => isFulfilled(one, fields.get(one.key)))
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

/** Nodes are compared by numbers, too. */
function isFulfilled(requirement: Requirement, value: string | undefined): boolean {
  const [first = ''] = requirement.values ?? [];
  switch (requirement.operator) {
    case 'Gt':
      return value !== undefined && Number.parseInt(value, 10) > Number.parseInt(first, 10);
    case 'Lt':
      return value !== undefined && Number.parseInt(value, 10) < Number.parseInt(first, 10);
    default:
      // An operator of a newer Kubernetes: the scheduler knows.
      return fulfils(requirement, value) ?? true;
  }
}
