// SPDX-License-Identifier: Apache-2.0
import { GROUP, VERSION } from '../api/group.js';
import { OWN_NAMESPACE, type Manifest } from './roles.js';

const API = 'admissionregistration.k8s.io';
const NAME = 'grit-agent-own-node';
/** As nodeLeaseName makes them. */
const LEASE = 'grit-node-';
const LABELS = { 'app.kubernetes.io/part-of': 'grit' };
const AGENT = `system:serviceaccount:${OWN_NAMESPACE}:grit-agent`;
/** What the API server knows of the pod whose token is used; it cannot be forged. */
const NODE_KEY = 'authentication.kubernetes.io/node-name';

/** Nothing of the status is other than it was but this field. */
const onlyChanged = (field: string): string =>
  `variables.now.all(k, k == '${field}' || (k in variables.before && variables.now[k] == variables.before[k])) && ` +
  `variables.before.all(k, k == '${field}' || k in variables.now)`;

const others = (status: string): string => `variables.${status}.?nodes.orValue([]).filter(n, n.name != variables.node)`;

/** Who may write what: each condition is for one resource and passes all others. */
const VALIDATIONS = [
  {
    resource: 'gritnodes',
    expression: 'object.metadata.name == variables.node',
    complaint: "'the agent of node ' + variables.node + ' may write only the GritNode of that name'",
  },
  {
    resource: 'leases',
    expression: `object.metadata.name == '${LEASE}' + variables.node`,
    complaint: `'the agent of node ' + variables.node + ' may write only the Lease ${LEASE}' + variables.node`,
  },
  ...['checkpoints', 'restores'].flatMap((resource) => [
    {
      resource,
      expression: "variables.before.?step.?node.orValue('') == variables.node",
      complaint: "'status.step of this object is not an order to node ' + variables.node",
    },
    {
      resource,
      expression: onlyChanged('report'),
      complaint: "'the agent of node ' + variables.node + ' may write only status.report'",
    },
  ]),
  {
    resource: 'checkpointstores',
    expression: `${onlyChanged('nodes')} && ${others('now')} == ${others('before')}`,
    complaint: "'the agent of node ' + variables.node + ' may write only the entry of that name in status.nodes'",
  },
];

/**
 * Narrows what an agent may write to what is of its own node. It holds for agents whose token is bound to a pod or a node, as the token
 * of every pod is from Kubernetes 1.32 on.
 */
export function agentPolicy(): readonly Manifest[] {
  const rule = (group: string, version: string, resources: readonly string[]): object => ({
    apiGroups: [group],
    apiVersions: [version],
    operations: ['CREATE', 'UPDATE'],
    resources,
  });
  const policy: Manifest = {
    apiVersion: `${API}/v1`,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME, labels: LABELS },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [rule(GROUP, VERSION, ['*/*']), rule('coordination.k8s.io', 'v1', ['leases'])],
      },
      matchConditions: [
        { name: 'agent', expression: `request.userInfo.username == '${AGENT}'` },
        { name: 'bound-to-a-node', expression: `'${NODE_KEY}' in request.userInfo.extra` },
      ],
      variables: [
        { name: 'node', expression: `request.userInfo.extra['${NODE_KEY}'][0]` },
        // Without their types: a status is looked through as a map here.
        { name: 'now', expression: 'dyn(object).?status.orValue({})' },
        { name: 'before', expression: 'dyn(oldObject).?status.orValue({})' },
      ],
      validations: VALIDATIONS.map(({ resource, expression, complaint }) => ({
        expression: `request.resource.resource != '${resource}' || (${expression})`,
        messageExpression: complaint,
        reason: 'Forbidden',
      })),
    },
  };
  return [
    policy,
    {
      apiVersion: `${API}/v1`,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: NAME, labels: LABELS },
      spec: { policyName: NAME, validationActions: ['Deny'] },
    },
  ];
}
