// SPDX-License-Identifier: Apache-2.0

/** Something that one of our components may do, and why it has to. */
export interface Right {
  /** '' for the core group. */
  readonly group: string;
  /** Plural, with the subresource: pods/eviction. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Only objects of these names. */
  readonly names?: readonly string[];
  /** Where: everywhere, or only in the namespace of GRIT itself. */
  readonly where: 'cluster' | 'own namespace';
  readonly why: string;
}

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The rule that grants a right. */
export function ruleOf({ group, resource, names, verbs }: Right): PolicyRule {
  return {
    apiGroups: [group],
    resources: [resource],
    ...(names === undefined ? {} : { resourceNames: names }),
    verbs,
  };
}
