// SPDX-License-Identifier: Apache-2.0
import { ruleOf, type PolicyRule, type Right } from './right.js';
import { USER_RIGHTS } from './user-rights.js';

const API = 'rbac.authorization.k8s.io';
const LABELS = { 'app.kubernetes.io/part-of': 'grit' };
/** Where GRIT itself lives. */
export const OWN_NAMESPACE = 'grit-system';

/** A rule with the reasons for it. */
interface ReasonedRule extends PolicyRule {
  readonly why: string;
}

/** A manifest; the rules of roles still have their reasons. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly (PolicyRule | ReasonedRule)[];
  readonly [field: string]: unknown;
}

/** The namespace of GRIT. Its agents are privileged. */
export function namespace(): Manifest {
  const labels = { ...LABELS, 'pod-security.kubernetes.io/enforce': 'privileged' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OWN_NAMESPACE, labels } };
}

/** The ServiceAccount of a component with the roles that grant it these rights, and their bindings. */
export function accountWith(name: string, rights: readonly Right[]): readonly Manifest[] {
  const account = { kind: 'ServiceAccount', name, namespace: OWN_NAMESPACE };
  const cluster = rights.filter(({ where }) => where === 'cluster').map(reasoned);
  const own = rights.filter(({ where }) => where === 'own namespace').map(reasoned);
  const here = { name, namespace: OWN_NAMESPACE, labels: LABELS };
  const everywhere = { name, labels: LABELS };
  const reference = (kind: string) => ({ roleRef: { apiGroup: API, kind, name }, subjects: [account] });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: here },
    { apiVersion: `${API}/v1`, kind: 'ClusterRole', metadata: everywhere, rules: cluster },
    { apiVersion: `${API}/v1`, kind: 'ClusterRoleBinding', metadata: everywhere, ...reference('ClusterRole') },
    { apiVersion: `${API}/v1`, kind: 'Role', metadata: here, rules: own },
    { apiVersion: `${API}/v1`, kind: 'RoleBinding', metadata: here, ...reference('Role') },
  ];
}

/** Additions to the roles view, edit and admin of Kubernetes. */
export function userRoles(): readonly Manifest[] {
  return Object.entries(USER_RIGHTS).map(([role, rules]) => ({
    apiVersion: `${API}/v1`,
    kind: 'ClusterRole',
    metadata: {
      name: `grit-${role}`,
      labels: { ...LABELS, [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' },
    },
    rules,
  }));
}

function reasoned(right: Right): ReasonedRule {
  return { why: right.why, ...ruleOf(right) };
}
