// SPDX-License-Identifier: Apache-2.0

type Fields = Readonly<Record<string, unknown>>;

export const HOSTNAME = 'kubernetes.io/hostname';

/** The affinity, and only these hosts besides. Each of its terms alone would do, so each gets the requirement. */
export function onlyOnHosts(affinity: Fields | undefined, hosts: readonly string[]): Fields {
  const requirement = { key: HOSTNAME, operator: 'In', values: [...hosts] };
  const nodeAffinity = fieldsOf(affinity?.['nodeAffinity']);
  const required = fieldsOf(nodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']);
  const terms = listOf(required['nodeSelectorTerms']).map(fieldsOf);
  const narrowed =
    terms.length === 0 ? [{ matchExpressions: [requirement] }] : terms.map((term) => narrow(term, requirement));
  return {
    ...affinity,
    nodeAffinity: {
      ...nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { ...required, nodeSelectorTerms: narrowed },
    },
  };
}

function narrow(term: Fields, requirement: Fields): Fields {
  const expressions = listOf(term['matchExpressions']);
  // A term without any requirement chooses no node; with ours it would choose some.
  if (expressions.length === 0 && listOf(term['matchFields']).length === 0) return term;
  const text = textOf(requirement);
  return expressions.some((expression) => textOf(expression) === text)
    ? term
    : { ...term, matchExpressions: [...expressions, requirement] };
}

function textOf(value: unknown): string {
  return JSON.stringify(Object.entries(fieldsOf(value)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
